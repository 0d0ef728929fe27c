// Archives made in a test: by libarchive's writer, as tools make them, and zips put together field by field,
// as only somebody with intentions does.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "packages/archive/archive.hpp"

namespace lodestone::test {

struct MadeEntry {
    std::string path;
    std::string content;
    unsigned type = AE_IFREG;
    std::string target;  // of a link; with AE_IFREG a hard link
};

inline std::string make_archive(packages::ArchiveFormat format, const std::vector<MadeEntry>& entries) {
    std::string bytes(1 << 20, '\0');
    for (const MadeEntry& entry : entries) bytes.resize(bytes.size() + entry.content.size() + 4096);
    std::size_t used = 0;
    struct archive* writer = archive_write_new();
    if (format == packages::ArchiveFormat::zip) {
        archive_write_set_format_zip(writer);
    } else {
        archive_write_add_filter_gzip(writer);
        archive_write_set_format_pax_restricted(writer);
    }
    archive_write_open_memory(writer, bytes.data(), bytes.size(), &used);
    for (const MadeEntry& entry : entries) {
        struct archive_entry* header = archive_entry_new();
        archive_entry_set_pathname(header, entry.path.c_str());
        archive_entry_set_mode(header, static_cast<mode_t>(entry.type | 0644));
        archive_entry_set_size(header, static_cast<la_int64_t>(entry.content.size()));
        if (entry.type == AE_IFLNK) archive_entry_set_symlink(header, entry.target.c_str());
        if (entry.type == AE_IFREG && !entry.target.empty())
            archive_entry_set_hardlink(header, entry.target.c_str());
        if (archive_write_header(writer, header) < ARCHIVE_WARN)
            throw std::runtime_error(archive_error_string(writer));
        if (entry.type == AE_IFREG) archive_write_data(writer, entry.content.data(), entry.content.size());
        archive_entry_free(header);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    bytes.resize(used);
    return bytes;
}

// gzip around anything.
inline std::string gzip(std::string_view plain) {
    z_stream state{};
    deflateInit2(&state, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string packed(deflateBound(&state, plain.size()), '\0');
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
    state.avail_in = static_cast<uInt>(plain.size());
    state.next_out = reinterpret_cast<Bytef*>(packed.data());
    state.avail_out = static_cast<uInt>(packed.size());
    deflate(&state, Z_FINISH);
    packed.resize(state.total_out);
    deflateEnd(&state);
    return packed;
}

// One block of 512 bytes, and the content in further ones (POSIX ustar).
inline std::string tar_entry(std::string_view path, std::string_view content, char type = '0',
                             std::string_view target = {}) {
    std::string block(512, '\0');
    std::memcpy(block.data(), path.data(), std::min<std::size_t>(path.size(), 100));
    std::memcpy(block.data() + 100, "0000644", 7);
    std::memcpy(block.data() + 108, "0000000", 7);
    std::memcpy(block.data() + 116, "0000000", 7);
    std::snprintf(block.data() + 124, 12, "%011o", static_cast<unsigned>(content.size()));
    std::memcpy(block.data() + 136, "00000000000", 11);
    block[156] = type;
    std::memcpy(block.data() + 157, target.data(), std::min<std::size_t>(target.size(), 100));
    std::memcpy(block.data() + 257,
                "ustar\0"
                "00",
                8);
    std::memset(block.data() + 148, ' ', 8);
    unsigned sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    std::snprintf(block.data() + 148, 8, "%06o", sum);
    block += content;
    block.resize((block.size() + 511) / 512 * 512, '\0');
    return block;
}
inline const std::string tar_end(1024, '\0');

// A stored file, each field as it should be until the test changes it.
struct RawMember {
    std::string name;
    std::string content;
    std::string local_name = name;
    std::uint32_t crc = static_cast<std::uint32_t>(
        ::crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
    std::uint32_t packed_bytes = static_cast<std::uint32_t>(content.size());
    std::uint32_t unpacked_bytes = static_cast<std::uint32_t>(content.size());
    std::uint32_t local_unpacked_bytes = unpacked_bytes;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint16_t local_method = method;
    std::string extra;
    std::string local_extra;
    std::string behind;  // bytes between this one and the next
};

class RawZip {
  public:
    std::string before, comment, behind_directory, behind;
    int count_more = 0;  // in the end record

    std::string make(const std::vector<RawMember>& members) const {
        std::string zip = before, directory;
        for (const RawMember& member : members) {
            const std::size_t offset = zip.size();
            zip += "PK\x03\x04";
            zip += number(20, 2) + number(member.flags, 2) + number(member.local_method, 2) + number(0, 4) +
                   number(member.crc, 4) + number(member.packed_bytes, 4) +
                   number(member.local_unpacked_bytes, 4) + number(member.local_name.size(), 2) +
                   number(member.local_extra.size(), 2);
            zip += member.local_name + member.local_extra + member.content + member.behind;
            directory += "PK\x01\x02";
            directory += number(0x0314, 2) + number(20, 2) + number(member.flags, 2) +
                         number(member.method, 2) + number(0, 4) + number(member.crc, 4) +
                         number(member.packed_bytes, 4) + number(member.unpacked_bytes, 4) +
                         number(member.name.size(), 2) + number(member.extra.size(), 2) + number(0, 2) +
                         number(0, 2) + number(0, 2) + number(0100644u << 16, 4) + number(offset, 4);
            directory += member.name + member.extra;
        }
        const std::size_t offset = zip.size();
        const std::size_t count = members.size() + static_cast<std::size_t>(count_more);
        zip += directory + behind_directory;
        zip += "PK\x05\x06";
        zip += number(0, 4) + number(count, 2) + number(count, 2) + number(directory.size(), 4) +
               number(offset, 4) + number(comment.size(), 2);
        return zip + comment + behind;
    }
    static std::string number(std::size_t value, std::size_t size_bytes) {
        std::string bytes;
        for (std::size_t i = 0; i < size_bytes; ++i) bytes += static_cast<char>(value >> 8 * i & 0xFF);
        return bytes;
    }
};

// Of bytes that outlive it.
inline packages::ArchiveSource source_of(std::string_view bytes, packages::ArchiveFormat format) {
    auto read_at = [bytes](std::uint64_t offset, std::span<std::byte> into) {
        if (offset >= bytes.size()) return std::size_t{0};
        const std::string_view piece = bytes.substr(static_cast<std::size_t>(offset), into.size());
        std::memcpy(into.data(), piece.data(), piece.size());
        return piece.size();
    };
    return {.read_at = read_at, .size_bytes = bytes.size(), .format = format};
}

}  // namespace lodestone::test
