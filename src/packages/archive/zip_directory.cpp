// From behind: the end record, that of large zips where there is one, the directory, and then every file's
// header. Nothing may stand before, between or behind what these name.
#include "packages/archive/zip_directory.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>

#include "packages/archive/archive_path.hpp"
#include "packages/archive/archive_problem.hpp"

namespace lodestone::packages {

namespace {

constexpr std::uint64_t end_bytes = 22, locator_bytes = 20, large_end_bytes = 56;
constexpr std::uint64_t header_bytes = 30, comment_bytes_most = 65'535;
constexpr std::uint16_t is_encrypted = 1, has_sizes_behind = 8, is_unicode = 1 << 11, hides_header = 1 << 13;
constexpr std::uint16_t stored = 0, deflated = 8;
constexpr std::uint16_t large_sizes = 0x0001, unicode_name = 0x7075;

[[noreturn]] void refuse_zip() {
    refuse_archive("is cut off, or no zip");
}
[[noreturn]] void refuse_contradiction(std::string_view name) {
    refuse_archive("says two things of an entry (" + show_path(name) + ")");
}

// Little-endian numbers from the front of a text; refuses to read past its end.
class Fields {
  public:
    explicit Fields(std::string_view text) : rest_(text) {}
    std::string_view take(std::uint64_t size_bytes) {
        if (size_bytes > rest_.size()) refuse_zip();
        const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size_bytes));
        rest_.remove_prefix(taken.size());
        return taken;
    }
    std::uint64_t number(std::size_t size_bytes) {
        const std::string_view bytes = take(size_bytes);
        std::uint64_t value = 0;
        for (std::size_t i = bytes.size(); i-- > 0;)
            value = value << 8 | static_cast<unsigned char>(bytes[i]);
        return value;
    }
    std::uint16_t word() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t dword() { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t qword() { return number(8); }
    bool is_empty() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

std::string read_bytes(const ArchiveSource& source, std::uint64_t offset, std::uint64_t size_bytes) {
    if (offset > source.size_bytes || size_bytes > source.size_bytes - offset) refuse_zip();
    std::string bytes(static_cast<std::size_t>(size_bytes), '\0');
    if (source.read_at(offset, std::as_writable_bytes(std::span(bytes))) != bytes.size()) refuse_zip();
    return bytes;
}

struct CentralDirectory {
    std::uint64_t entries = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t offset = 0;
    std::uint64_t end = 0;  // where what follows it begins
};

// Where a field is too small for its number, it holds nothing but ones, and the other record has the number.
void widen(std::uint64_t narrow, std::uint64_t ones, std::uint64_t& wide) {
    if (narrow != ones && narrow != wide) refuse_contradiction("its directory");
}

CentralDirectory read_large_end(const ArchiveSource& source, std::uint64_t locator_at,
                                const CentralDirectory& narrow) {
    const std::string locator = read_bytes(source, locator_at, locator_bytes);
    Fields found(std::string_view(locator).substr(4));
    const bool is_one_disk = found.dword() == 0;
    const std::uint64_t at = found.qword();
    if (!is_one_disk || found.dword() > 1 || at > locator_at || locator_at - at != large_end_bytes)
        refuse_zip();
    const std::string record = read_bytes(source, at, large_end_bytes);
    Fields fields(record);
    if (fields.take(4) != "PK\x06\x06" || fields.qword() != large_end_bytes - 12) refuse_zip();
    fields.take(4);  // versions
    if (fields.dword() != 0 || fields.dword() != 0) refuse_zip();
    CentralDirectory wide;
    const std::uint64_t of_disk = fields.qword();
    wide.entries = fields.qword();
    wide.size_bytes = fields.qword();
    wide.offset = fields.qword();
    wide.end = at;
    if (of_disk != wide.entries) refuse_zip();
    widen(narrow.entries, 0xFFFF, wide.entries);
    widen(narrow.size_bytes, 0xFFFFFFFF, wide.size_bytes);
    widen(narrow.offset, 0xFFFFFFFF, wide.offset);
    return wide;
}

// The last record that could be one has to be it: programs that look for it elsewhere find no other.
CentralDirectory find_directory(const ArchiveSource& source) {
    if (source.size_bytes < end_bytes) refuse_zip();
    const std::uint64_t tail_bytes = std::min(source.size_bytes, end_bytes + comment_bytes_most);
    const std::uint64_t tail_at = source.size_bytes - tail_bytes;
    const std::string tail = read_bytes(source, tail_at, tail_bytes);
    const std::size_t found = tail.rfind("PK\x05\x06");
    if (found == std::string::npos || tail.size() - found < end_bytes) refuse_zip();
    Fields fields(std::string_view(tail).substr(found + 4));
    CentralDirectory directory;
    if (fields.word() != 0 || fields.word() != 0) refuse_zip();  // of several disks
    const std::uint64_t of_disk = fields.word();
    directory.entries = fields.word();
    directory.size_bytes = fields.dword();
    directory.offset = fields.dword();
    directory.end = tail_at + found;
    if (of_disk != directory.entries) refuse_zip();
    fields.take(fields.word());
    if (!fields.is_empty()) refuse_archive("has bytes behind its end");
    if (directory.end >= locator_bytes) {
        const std::uint64_t locator_at = directory.end - locator_bytes;
        if (read_bytes(source, locator_at, 4) == "PK\x06\x07")
            directory = read_large_end(source, locator_at, directory);
    }
    if (directory.offset > directory.end || directory.end - directory.offset != directory.size_bytes)
        refuse_archive("has bytes before its beginning, or is cut off");
    return directory;
}

// Programs that know these fields read other sizes, and another name, than those that do not.
void read_extra(std::string_view extra, ZipMember& member) {
    Fields fields(extra);
    bool is_widened = false;
    while (!fields.is_empty()) {
        const std::uint16_t kind = fields.word();
        Fields content(fields.take(fields.word()));
        if (kind == large_sizes) {
            if (is_widened) refuse_contradiction(member.name);
            is_widened = true;
            if (member.unpacked_bytes == 0xFFFFFFFF) member.unpacked_bytes = content.qword();
            if (member.packed_bytes == 0xFFFFFFFF) member.packed_bytes = content.qword();
            if (member.offset == 0xFFFFFFFF) member.offset = content.qword();
        } else if (kind == unicode_name) {
            content.take(5);  // version, sum of the name
            if (content.take(member.name.size()) != member.name || !content.is_empty())
                refuse_contradiction(member.name);
        }
    }
}

void check_member(const ZipMember& member) {
    const std::string path = check_archive_path(member.name);
    if (path.size() + member.name.ends_with('/') != member.name.size())
        refuse_archive("has an entry whose name begins with a dot and a slash (" + show_path(path) + ")");
    if ((member.flags & (is_encrypted | hides_header)) != 0)
        refuse_archive("has an encrypted file (" + show_path(member.name) + ")");
    if (member.method != stored && member.method != deflated)
        refuse_archive("has a file that is neither stored nor deflated (" + show_path(member.name) + ")");
    if (member.method == stored && member.packed_bytes != member.unpacked_bytes)
        refuse_contradiction(member.name);
    if (member.name.ends_with('/') && member.unpacked_bytes != 0) refuse_contradiction(member.name);
}

ZipMember read_member(Fields& fields) {
    if (fields.take(4) != "PK\x01\x02") refuse_zip();
    fields.take(4);  // versions
    ZipMember member;
    member.flags = fields.word();
    member.method = fields.word();
    fields.take(4);  // time
    member.crc = fields.dword();
    member.packed_bytes = fields.dword();
    member.unpacked_bytes = fields.dword();
    const std::uint16_t name_bytes = fields.word(), extra_bytes = fields.word(), note_bytes = fields.word();
    if (fields.word() != 0) refuse_zip();  // on another disk
    fields.take(6);                        // attributes
    member.offset = fields.dword();
    member.name = fields.take(name_bytes);
    read_extra(fields.take(extra_bytes), member);
    fields.take(note_bytes);
    check_member(member);
    return member;
}

bool is_zero_or(std::uint64_t value, std::uint64_t expected) {
    return value == 0 || value == expected;
}

// Sum and sizes that stand behind the content: with a signature or without, and with sizes of 4 or of 8
// bytes. They say what the directory says.
bool is_descriptor(std::string_view text, const ZipMember& member) {
    if (text.size() != 12 && text.size() != 16 && text.size() != 20 && text.size() != 24) return false;
    Fields fields(text);
    if (text.size() % 8 == 0 && fields.take(4) != "PK\x07\x08") return false;
    const std::size_t number_bytes = text.size() < 20 ? 4 : 8;
    return fields.dword() == member.crc && fields.number(number_bytes) == member.packed_bytes &&
           fields.number(number_bytes) == member.unpacked_bytes;
}

void check_header(const ArchiveSource& source, const ZipMember& member, std::uint64_t next_at) {
    const std::string header = read_bytes(source, member.offset, header_bytes + member.name.size());
    Fields fields(header);
    if (fields.take(4) != "PK\x03\x04") refuse_contradiction(member.name);
    fields.take(2);  // version
    ZipMember here;
    here.flags = fields.word();
    here.method = fields.word();
    fields.take(4);  // time
    here.crc = fields.dword();
    here.packed_bytes = fields.dword();
    here.unpacked_bytes = fields.dword();
    const std::uint16_t name_bytes = fields.word(), extra_bytes = fields.word();
    here.name = fields.take(member.name.size());
    const auto differing_flags = static_cast<std::uint16_t>(here.flags ^ member.flags);
    if (name_bytes != member.name.size() || here.name != member.name || here.method != member.method ||
        (differing_flags & (is_encrypted | has_sizes_behind | is_unicode | hides_header)) != 0)
        refuse_contradiction(member.name);
    const std::string extra =
        read_bytes(source, member.offset + header_bytes + member.name.size(), extra_bytes);
    read_extra(extra, here);
    const bool is_described_behind = (member.flags & has_sizes_behind) != 0;
    const bool is_same = here.crc == member.crc && here.packed_bytes == member.packed_bytes &&
                         here.unpacked_bytes == member.unpacked_bytes;
    const bool is_open = is_zero_or(here.crc, member.crc) &&
                         is_zero_or(here.packed_bytes, member.packed_bytes) &&
                         is_zero_or(here.unpacked_bytes, member.unpacked_bytes);
    if (is_described_behind ? !is_open : !is_same) refuse_contradiction(member.name);
    const std::uint64_t begin = member.offset + header_bytes + member.name.size() + extra_bytes;
    if (begin > next_at || member.packed_bytes > next_at - begin)
        refuse_archive("has entries that overlap (" + show_path(member.name) + ")");
    const std::uint64_t end = begin + member.packed_bytes;
    const std::string left = read_bytes(source, end, std::min<std::uint64_t>(next_at - end, 25));
    if (is_described_behind ? !is_descriptor(left, member) : !left.empty())
        refuse_archive("has bytes that belong to no entry, behind one (" + show_path(member.name) + ")");
}

void check_names(const std::vector<ZipMember>& members) {
    std::set<std::string_view> names;
    for (const ZipMember& member : members)
        if (!names.insert(member.name).second)
            refuse_archive("has two entries of one name (" + show_path(member.name) + ")");
}

void check_sizes(const ArchiveSource& source, const ArchiveLimits& limits,
                 const std::vector<ZipMember>& members) {
    std::uint64_t unpacked_bytes = 0;
    for (const ZipMember& member : members) {
        if (member.unpacked_bytes > limits.unpacked_bytes - unpacked_bytes)
            refuse_archive("unpacks to more than is taken here");
        unpacked_bytes += member.unpacked_bytes;
    }
    if (unpacked_bytes > limits::archive_unasked_bytes && unpacked_bytes / limits.ratio > source.size_bytes)
        refuse_archive("unpacks to far more than it is itself");
}

}  // namespace

std::vector<ZipMember> read_zip_directory(const ArchiveSource& source, const ArchiveLimits& limits) {
    const CentralDirectory directory = find_directory(source);
    if (directory.entries > limits.entries || directory.size_bytes > limits::archive_directory_bytes)
        refuse_archive("has more entries than are taken here");
    const std::string text = read_bytes(source, directory.offset, directory.size_bytes);
    Fields fields(text);
    std::vector<ZipMember> members;
    for (std::uint64_t i = 0; i < directory.entries; ++i) members.push_back(read_member(fields));
    if (!fields.is_empty()) refuse_zip();
    check_names(members);
    check_sizes(source, limits, members);
    std::ranges::sort(members, {}, &ZipMember::offset);
    if ((members.empty() ? directory.offset : members.front().offset) != 0)
        refuse_archive("has bytes before its beginning");
    for (std::size_t i = 0; i < members.size(); ++i)
        check_header(source, members[i], i + 1 < members.size() ? members[i + 1].offset : directory.offset);
    return members;
}

}  // namespace lodestone::packages
