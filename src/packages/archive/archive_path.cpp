// Windows counts as well: a backslash parts folders there, and "c:" begins at the root of a drive.
#include "packages/archive/archive_path.hpp"

#include <algorithm>

#include "base/package_limits.hpp"
#include "base/utf8.hpp"
#include "packages/archive/archive_problem.hpp"

namespace lodestone::packages {

namespace {

[[noreturn]] void refuse_path(std::string_view path, std::string_view why) {
    refuse_archive("has an entry whose name " + std::string(why) + " (" + show_path(path) + ")");
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void check_segments(std::string_view path, std::string_view rest) {
    while (!rest.empty()) {
        const std::size_t slash = rest.find('/');
        const std::string_view segment = rest.substr(0, slash);
        if (segment == "..") refuse_path(path, "leads out of its folder");
        if (segment.empty() || segment == ".") refuse_path(path, "has a part that is empty or a dot");
        if (slash == std::string_view::npos) return;
        rest.remove_prefix(slash + 1);
    }
}

}  // namespace

std::string check_archive_path(std::string_view path) {
    if (path.empty()) refuse_path(path, "is empty");
    if (path.size() > limits::archive_path_bytes) refuse_path(path, "is too long");
    if (!is_utf8(path)) refuse_path(path, "is no UTF-8");
    if (std::ranges::any_of(path, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }))
        refuse_path(path, "has control characters");
    if (path.find('\\') != std::string_view::npos) refuse_path(path, "has a backslash");
    const bool has_drive = path.size() > 1 && is_letter(path[0]) && path[1] == ':';
    if (path.front() == '/' || has_drive) refuse_path(path, "is absolute");
    std::string_view rest = path;
    if (rest == "." || rest == "./") return {};
    if (rest.starts_with("./")) rest.remove_prefix(2);
    if (rest.ends_with('/')) rest.remove_suffix(1);
    if (rest.empty()) refuse_path(path, "is empty");
    check_segments(path, rest);
    return std::string(rest);
}

}  // namespace lodestone::packages
