// libarchive takes the containers apart; what a name may be, how much may come, and what contradicts itself
// is judged here and beside this.
#include "packages/archive/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <utility>

#include "base/problem.hpp"
#include "packages/archive/archive_links.hpp"
#include "packages/archive/archive_path.hpp"
#include "packages/archive/archive_problem.hpp"
#include "packages/archive/archive_stream.hpp"
#include "packages/archive/gzip_stream.hpp"
#include "packages/archive/tar_headers.hpp"
#include "packages/archive/zip_directory.hpp"

namespace lodestone::packages {

namespace {

std::string text_of(const char* text) {
    return text != nullptr ? text : std::string();
}

EntryKind kind_of(struct archive_entry* entry) {
    if (archive_entry_hardlink(entry) != nullptr) return EntryKind::hardlink;
    switch (archive_entry_filetype(entry)) {
        case AE_IFREG: return EntryKind::file;
        case AE_IFDIR: return EntryKind::folder;
        case AE_IFLNK: return EntryKind::symlink;
        default: return EntryKind::other;
    }
}

ArchiveEntry describe(struct archive_entry* entry) {
    ArchiveEntry described;
    described.kind = kind_of(entry);
    if (described.kind == EntryKind::hardlink) described.target = text_of(archive_entry_hardlink(entry));
    if (described.kind == EntryKind::symlink) described.target = text_of(archive_entry_symlink(entry));
    const la_int64_t size_bytes = archive_entry_size(entry);
    if (size_bytes < 0) refuse_archive("is damaged");
    if (described.kind == EntryKind::file) described.size_bytes = static_cast<std::uint64_t>(size_bytes);
    return described;
}

// Of the entry that libarchive is at.
class LibArchiveReader final : public EntryReader {
  public:
    LibArchiveReader(LibArchive& library, const ArchiveEntry& entry) : library_(library), entry_(entry) {
        path_ = entry.path;
    }
    void read_pieces(const std::function<void(std::string_view piece)>& take) override {
        if (std::exchange(is_read_, true) || entry_.kind != EntryKind::file) return;
        std::uint64_t size_bytes = 0;
        for (;;) {
            const void* bytes = nullptr;
            std::size_t piece_bytes = 0;
            la_int64_t offset = 0;
            const int result = archive_read_data_block(library_.handle(), &bytes, &piece_bytes, &offset);
            if (result == ARCHIVE_EOF) break;
            if (result != ARCHIVE_OK) library_.fail();
            if (piece_bytes == 0) continue;
            if (std::cmp_not_equal(offset, size_bytes) || piece_bytes > entry_.size_bytes - size_bytes)
                refuse_archive("is damaged");
            size_bytes += piece_bytes;
            take({static_cast<const char*>(bytes), piece_bytes});
        }
        if (size_bytes != entry_.size_bytes) refuse_archive("is cut off, or damaged");
    }

  private:
    LibArchive& library_;
    const ArchiveEntry& entry_;
    bool is_read_ = false;
};

// Null at the end. A warning is mostly of a name that is not ASCII, which is looked at here.
struct archive_entry* find_next(LibArchive& library) {
    struct archive_entry* entry = nullptr;
    const int result = archive_read_next_header(library.handle(), &entry);
    if (result == ARCHIVE_EOF) return nullptr;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN) library.fail();
    return entry;
}

void read_tar(const ArchiveSource& source, const ArchiveLimits& limits, const VisitEntry& visit) {
    GzipStream stream(source, limits);
    CheckedTarStream checked(stream);
    LibArchive library(checked);
    library.open(archive_read_support_format_tar, nullptr);
    LinkWatch links(limits.links);
    std::uint64_t entries = 0;
    while (struct archive_entry* const found = find_next(library)) {
        if (++entries > limits.entries) refuse_archive("has more entries than are taken here");
        ArchiveEntry entry = describe(found);
        entry.raw_path = text_of(archive_entry_pathname(found));
        entry.path = check_archive_path(entry.raw_path);
        if (archive_entry_sparse_count(found) > 0)
            refuse_archive("has a file with holes (" + show_path(entry.path) + ")");
        if (entry.size_bytes > limits.unpacked_bytes) refuse_archive("unpacks to more than is taken here");
        if (entry.path.empty()) {
            if (entry.kind != EntryKind::folder) refuse_archive("has an entry without a name");
            continue;
        }
        links.check(entry);
        LibArchiveReader content(library, entry);
        visit(entry, content);
    }
    stream.finish(static_cast<std::uint64_t>(archive_filter_bytes(library.handle(), 0)));
}

// The directory was read before; libarchive has to come to the same files in the same order.
void read_zip(const ArchiveSource& source, const ArchiveLimits& limits, const VisitEntry& visit) {
    const std::vector<ZipMember> members = read_zip_directory(source, limits);
    if (members.empty()) return;
    PlainStream stream(source);
    LibArchive library(stream);
    library.open(archive_read_support_format_zip_seekable, &stream);
    LinkWatch links(limits.links);
    std::size_t place = 0;
    while (struct archive_entry* const found = find_next(library)) {
        if (place == members.size()) refuse_archive("says two things of its entries");
        const ZipMember& member = members[place++];
        ArchiveEntry entry = describe(found);
        entry.raw_path = member.name;
        entry.path = check_archive_path(member.name);
        if (member.name.ends_with('/') != (entry.kind == EntryKind::folder) ||
            (entry.kind == EntryKind::file && entry.size_bytes != member.unpacked_bytes))
            refuse_archive("says two things of an entry (" + show_path(member.name) + ")");
        links.check(entry);
        LibArchiveReader content(library, entry);
        visit(entry, content);
    }
    if (place != members.size()) refuse_archive("says two things of its entries");
}

}  // namespace

std::string EntryReader::read(std::uint64_t limit_bytes) {
    std::string bytes;
    read_pieces([&](std::string_view piece) {
        if (piece.size() > limit_bytes - bytes.size())
            throw Problem(problems::invalid_input,
                          fmt::format("The file {} in the archive is larger than the {} bytes that are taken "
                                      "of it: make it smaller and send the archive again.",
                                      show_path(path_), limit_bytes));
        bytes += piece;
    });
    return bytes;
}

void read_archive(const ArchiveSource& source, const ArchiveLimits& limits, const VisitEntry& visit) {
    if (source.format == ArchiveFormat::zip)
        read_zip(source, limits, visit);
    else
        read_tar(source, limits, visit);
}

}  // namespace lodestone::packages
