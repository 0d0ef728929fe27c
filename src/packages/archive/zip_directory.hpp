// What a zip says of itself, in the two places where it says so: the directory at its end, which most
// programs read, and the header before each file, which the others read. They have to say the same.
// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "packages/archive/archive.hpp"

namespace lodestone::packages {

struct ZipMember {
    std::string name;  // as it is written, checked
    std::uint64_t offset = 0;
    std::uint64_t packed_bytes = 0;
    std::uint64_t unpacked_bytes = 0;
    std::uint32_t crc = 0;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
};

// In the order in which they stand there, one right behind the other. Throws Problem(invalid_input).
std::vector<ZipMember> read_zip_directory(const ArchiveSource& source, const ArchiveLimits& limits);

}  // namespace lodestone::packages
