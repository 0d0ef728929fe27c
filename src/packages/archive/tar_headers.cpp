// Field by field, in the narrowest reading. What fills a field behind its text has to be zeros, since some
// programs look behind it.
#include "packages/archive/tar_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "base/package_limits.hpp"
#include "packages/archive/archive_problem.hpp"

namespace lodestone::packages {

namespace {

constexpr std::size_t block_bytes = 512;
constexpr std::size_t most_extra_bytes = 256 * limits::kib;

struct Field {
    std::size_t at;
    std::size_t size_bytes;
};
constexpr Field name_field{0, 100};
constexpr Field size_field{124, 12};
constexpr Field sum_field{148, 8};
constexpr std::size_t type_at = 156;
constexpr Field link_field{157, 100};
constexpr Field magic_field{257, 8};
constexpr Field prefix_field{345, 155};

// Others without a dot in them mean something to one program or the other.
constexpr std::array<std::string_view, 12> known_keys{"path",  "linkpath", "size",    "mtime",
                                                      "atime", "ctime",    "uid",     "gid",
                                                      "uname", "gname",    "comment", "charset"};

[[noreturn]] void refuse_damaged() {
    refuse_archive("is damaged, or no such archive");
}
[[noreturn]] void refuse_two_readings(std::string_view what) {
    refuse_archive("has a header that programs read differently (" + std::string(what) + ")");
}

bool is_zero(std::string_view bytes) {
    return std::ranges::all_of(bytes, [](char c) { return c == '\0'; });
}

std::string_view bytes_of(std::string_view block, Field field) {
    return block.substr(field.at, field.size_bytes);
}

std::string_view text_of(std::string_view bytes) {
    const std::string_view text = bytes.substr(0, bytes.find('\0'));
    if (!is_zero(bytes.substr(text.size()))) refuse_two_readings("a text that goes on behind its end");
    return text;
}

// Octal digits, with spaces before them and one or more spaces or zeros behind; nothing at all is zero.
std::uint64_t number_of(std::string_view bytes) {
    std::uint64_t number = 0;
    const std::size_t begin = std::min(bytes.find_first_not_of(' '), bytes.size());
    bytes.remove_prefix(begin);
    const auto read = std::from_chars(bytes.data(), bytes.data() + bytes.size(), number, 8);
    const std::string_view rest = bytes.substr(static_cast<std::size_t>(read.ptr - bytes.data()));
    if (rest.find_first_not_of(std::string_view(" \0", 2)) != rest.npos)
        refuse_two_readings("a number that is none");
    return number;
}

void check_sum(std::string_view block) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
        const bool is_sum = i >= sum_field.at && i < sum_field.at + sum_field.size_bytes;
        sum += is_sum ? ' ' : static_cast<unsigned char>(block[i]);
    }
    if (number_of(bytes_of(block, sum_field)) != sum) refuse_damaged();
}

// Whether there is a prefix of the name is told by the magic.
void check_form(std::string_view block) {
    const std::string_view magic = bytes_of(block, magic_field);
    const bool is_ustar = magic == std::string_view("ustar\00000", 8);
    if (!is_ustar && magic != std::string_view("ustar  \0", 8) && !is_zero(magic))
        refuse_two_readings("neither of POSIX nor of GNU");
    text_of(bytes_of(block, name_field));
    text_of(bytes_of(block, link_field));
    if (!text_of(bytes_of(block, prefix_field)).empty() && !is_ustar)
        refuse_two_readings("a name in two parts");
}

std::uint64_t round_up(std::uint64_t size_bytes) {
    return (size_bytes + block_bytes - 1) / block_bytes * block_bytes;
}

struct Record {
    std::string_view key;
    std::string_view value;
};

// "27 path=package/index.js\n", of which the number counts all bytes.
Record take_record(std::string_view& text) {
    std::size_t size_bytes = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), size_bytes);
    const auto digits = static_cast<std::size_t>(read.ptr - text.data());
    if (digits == 0 || text.front() == '0' || size_bytes > text.size() || size_bytes < digits + 4)
        refuse_damaged();
    std::string_view line = text.substr(digits, size_bytes - digits);
    text.remove_prefix(size_bytes);
    const std::size_t equals = line.find('=');
    if (line.front() != ' ' || line.back() != '\n' || equals == line.npos) refuse_damaged();
    line.remove_suffix(1);
    // Some read it line by line.
    if (line.find('\n') != line.npos) refuse_two_readings("a line within another");
    return {.key = line.substr(1, equals - 1), .value = line.substr(equals + 1)};
}

void check_record(const Record& record, char type) {
    const std::string_view key = record.key;
    const bool is_vendors = key.find('.') != key.npos;
    if (key.starts_with("GNU.sparse") || key == "SCHILY.realsize") refuse_two_readings("a file with holes");
    if (type == 'g' ? key != "comment" : !is_vendors && std::ranges::count(known_keys, key) == 0)
        refuse_two_readings(show_path(key));
    if (!is_vendors && record.value.find('\0') != record.value.npos) refuse_two_readings("zeros in a text");
}

}  // namespace

void TarHeaders::take(std::string_view piece) {
    while (!piece.empty() && !is_at_end_) {
        if (skipped_bytes_ > 0) {
            const auto passed = std::min<std::uint64_t>(skipped_bytes_, piece.size());
            skipped_bytes_ -= passed;
            piece.remove_prefix(static_cast<std::size_t>(passed));
            continue;
        }
        const std::size_t taken = std::min(wanted_bytes_ - block_.size(), piece.size());
        block_ += piece.substr(0, taken);
        piece.remove_prefix(taken);
        if (block_.size() == wanted_bytes_) read_block();
    }
}

void TarHeaders::read_block() {
    if (extra_ == 0)
        read_header();
    else
        read_extra();
    block_.clear();
}

void TarHeaders::read_header() {
    if (is_zero(block_)) {
        if (!pending_.empty()) refuse_damaged();
        is_at_end_ = true;
        return;
    }
    check_sum(block_);
    check_form(block_);
    const std::uint64_t size_bytes = number_of(bytes_of(block_, size_field));
    const char type = block_[type_at];
    switch (type) {
        case 'x':
        case 'g':
        case 'L':
        case 'K': return begin_extra(type, size_bytes);
        case '\0':
        case '0':
        case '1':
        case '2':
        case '3':
        case '4':
        case '5':
        case '6': return read_entry(type, size_bytes);
        default: refuse_archive("has an entry that is no file, folder or link");
    }
}

// A file whose name ends in a slash is a folder to some, and its content the next header.
void TarHeaders::read_entry(char type, std::uint64_t size_bytes) {
    const std::string_view path = path_.empty() ? text_of(bytes_of(block_, name_field)) : path_;
    const bool is_file = (type == '0' || type == '\0') && !path.ends_with('/');
    if (size_bytes > 0 && !is_file) refuse_two_readings("content of what is no file");
    if (!size_.empty() && size_ != std::to_string(size_bytes)) refuse_two_readings("two sizes of a file");
    if (size_bytes > limits::archive_unpacked_bytes) refuse_archive("unpacks to more than is taken here");
    skipped_bytes_ = round_up(size_bytes);
    pending_.clear();
    path_.clear();
    size_.clear();
}

// Of the next entry each comes once, and of the two forms one.
void TarHeaders::begin_extra(char type, std::uint64_t size_bytes) {
    if (size_bytes == 0 || size_bytes > most_extra_bytes) refuse_damaged();
    const bool is_first = type == 'x' || type == 'g'
                              ? pending_.empty()
                              : pending_.find_first_of(std::string{'x', type}) == pending_.npos;
    if (!is_first) refuse_two_readings("two of one entry");
    extra_ = type;
    extra_bytes_ = static_cast<std::size_t>(size_bytes);
    wanted_bytes_ = static_cast<std::size_t>(round_up(size_bytes));
}

void TarHeaders::read_extra() {
    std::string_view text = std::string_view(block_).substr(0, extra_bytes_);
    const char type = std::exchange(extra_, '\0');
    wanted_bytes_ = block_bytes;
    if (type != 'g') pending_ += type;
    if (type == 'L' || type == 'K') {
        const std::string_view name = text_of(text);
        if (name.empty()) refuse_damaged();
        if (type == 'L') path_ = name;
        return;
    }
    std::set<std::string_view> keys;
    while (!text.empty()) {
        const Record record = take_record(text);
        check_record(record, type);
        if (!keys.insert(record.key).second) refuse_two_readings("a word twice");
        if ((record.key == "path" || record.key == "size") && record.value.empty())
            refuse_two_readings("a word that says nothing");
        if (record.key == "path") path_ = record.value;
        if (record.key == "size") size_ = record.value;
    }
}

}  // namespace lodestone::packages
