// Names, character by character.
#include "formats/npm/name.hpp"

#include <algorithm>
#include <array>

#include "base/npm_limits.hpp"
#include "formats/npm/range.hpp"

namespace lodestone::formats::npm {

namespace {

// What stands in an address as it is.
bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_.!~*'()").find(c) != std::string_view::npos;
}

bool is_part(std::string_view text) {
    return !text.empty() && text.front() != '.' && std::ranges::all_of(text, is_plain);
}

}  // namespace

std::string_view without_scope(std::string_view name) {
    const std::size_t slash = name.find('/');
    return name.starts_with('@') && slash != name.npos ? name.substr(slash + 1) : name;
}

std::string_view scope_of(std::string_view name) {
    const std::size_t slash = name.find('/');
    return name.starts_with('@') && slash != name.npos ? name.substr(0, slash) : std::string_view();
}

bool is_package_name(std::string_view text) {
    constexpr std::array<std::string_view, 3> reserved{"-", "node_modules", "favicon.ico"};
    if (text.empty() || text.size() > limits::npm_name_bytes) return false;
    const std::string_view own = without_scope(text);
    const bool is_scoped = own.size() != text.size();
    if (is_scoped && !is_part(scope_of(text).substr(1))) return false;
    if (!is_part(own) || std::ranges::count(reserved, own) > 0) return false;
    return is_scoped || own.front() != '_';
}

std::string fold_name(std::string_view text) {
    const std::size_t at = text.find('@', 1);
    return std::string(text.substr(0, at));
}

std::string tarball_name(std::string_view name, std::string_view version) {
    return std::string(without_scope(name)) + '-' + std::string(version) + ".tgz";
}

std::optional<std::string_view> version_of_file(std::string_view name, std::string_view file,
                                                std::string_view extension) {
    if (!file.ends_with(extension)) return std::nullopt;
    file.remove_suffix(extension.size());
    for (const std::string_view called : {name, without_scope(name)})
        if (file.size() > called.size() + 1 && file.starts_with(called) && file[called.size()] == '-')
            return file.substr(called.size() + 1);
    return std::nullopt;
}

bool is_tag_name(std::string_view text) {
    return !text.empty() && text.size() <= limits::npm_tag_bytes && std::ranges::all_of(text, is_plain) &&
           text.front() != '.' && !is_range(text);
}

}  // namespace lodestone::formats::npm
