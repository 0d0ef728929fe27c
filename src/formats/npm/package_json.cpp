// The three members that have to agree with what is published.
#include "formats/npm/package_json.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "formats/npm/version.hpp"
#include "formats/npm/version_manifest.hpp"

namespace lodestone::formats::npm {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw Problem(problems::invalid_input, "The package.json in the tarball " + what + ".");
}

std::string need_text(const boost::json::object& object, std::string_view name) {
    const boost::json::value* found = object.if_contains(name);
    if (found == nullptr || !found->is_string()) refuse("has no text called " + std::string(name));
    return std::string(found->get_string());
}

// As clients do before they send it.
std::string clean_version(std::string_view text) {
    const auto is_ornament = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    while (!text.empty() && (is_ornament(text.front()) || text.front() == 'v' || text.front() == '='))
        text.remove_prefix(1);
    while (!text.empty() && is_ornament(text.back())) text.remove_suffix(1);
    return fold_version(text);
}

}  // namespace

PackageJson parse_package_json(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const StrictValue read = parse_strict_value(text, limits::npm_document_depth);
    if (read.fault == JsonFault::member_twice) refuse("has the member " + read.where + " twice");
    if (read.fault == JsonFault::too_deep) refuse("is nested too deeply");
    if (!read.value || !read.value->is_object()) refuse("is no JSON object");
    const boost::json::object& object = read.value->get_object();
    return {.name = need_text(object, "name"),
            .version = clean_version(need_text(object, "version")),
            .has_install_script = has_install_script(object)};
}

}  // namespace lodestone::formats::npm
