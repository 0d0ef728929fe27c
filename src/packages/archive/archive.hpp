// Archives that are looked into where they are: each entry is read from the archive's own bytes, and nothing
// is ever unpacked to a disk.
//
//     const ArchiveSource source{.read_at = …, .size_bytes = …, .format = ArchiveFormat::zip};
//     read_archive(source, {}, [&](const ArchiveEntry& entry, EntryReader& content) {
//         if (entry.path == "package/package.json") manifest = content.read(limits::…);
//     });
//
// It takes its time: on a thread for that, and no longer than it has (inspection.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/package_limits.hpp"

namespace lodestone::packages {

// Reads at an offset, and answers how many bytes it read: fewer than asked for at the end. What it throws,
// read_archive() throws.
using ReadAt = std::function<std::size_t(std::uint64_t offset, std::span<std::byte> into)>;

// tar_gz: a tar in gzip, and neither of them alone. zip: of files that are stored or deflated.
enum class ArchiveFormat : std::uint8_t { tar_gz, zip };

struct ArchiveSource {
    ReadAt read_at;
    std::uint64_t size_bytes = 0;
    ArchiveFormat format{};
};

// Links at all; or only such as stay in the topmost folder that they are in, with nothing below them.
enum class LinkRule : std::uint8_t { refused, inside };

struct ArchiveLimits {
    std::uint64_t entries = limits::archive_entries;
    std::uint64_t unpacked_bytes = limits::archive_unpacked_bytes;
    std::uint64_t ratio = limits::archive_ratio;  // of what is larger than archive_unasked_bytes
    LinkRule links = LinkRule::inside;
};

enum class EntryKind : std::uint8_t { file, folder, symlink, hardlink, other };  // other: refused

struct ArchiveEntry {
    std::string path;      // "a/b.txt": relative, UTF-8, without "./" before it or "/" behind it
    std::string raw_path;  // as it is written
    EntryKind kind{};
    std::string target;  // of a link, as it is written
    std::uint64_t size_bytes = 0;
};

// The content of the entry that is visited, while it is; once.
class EntryReader {
  public:
    virtual ~EntryReader() = default;
    // In pieces, each of which is valid until the call returns.
    virtual void read_pieces(const std::function<void(std::string_view piece)>& take) = 0;
    // All of it; refuses with Problem(invalid_input) what is larger.
    std::string read(std::uint64_t limit_bytes);

  protected:
    std::string path_;
};

using VisitEntry = std::function<void(const ArchiveEntry& entry, EntryReader& content)>;

// Visits each entry in the order in which they stand there; content that nobody reads is passed over. Throws
// Problem(invalid_input), with one sentence, for what is no such archive, is damaged or cut off, has bytes
// that belong to nothing, has more or larger content than the limits say, or names that are absolute, have
// "..", ".", a backslash or control characters, or are no UTF-8; for links that the rule does not take, and
// for devices, pipes and the like; likewise for a zip that has two files of one name, and for what two
// programs could read differently: a zip whose parts contradict each other, a tar with headers of other kinds
// (tar_headers.hpp). What `visit` throws it throws.
//
// A tar may have several entries of one name: whoever unpacks it gets the last.
void read_archive(const ArchiveSource& source, const ArchiveLimits& limits, const VisitEntry& visit);

}  // namespace lodestone::packages
