// The tree stays as it was parsed: it is walked once for its names, and again for where those are that an
// advisory was found about.
#include "formats/npm/audit_request.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstring>
#include <set>

#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "packages/archive/gzip_stream.hpp"

namespace lodestone::formats::npm {

namespace json = boost::json;

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw Problem(problems::invalid_input, "What is to be audited " + what + ".");
}

json::value parse(std::string_view text) {
    StrictValue parsed = parse_strict_value(text, limits::npm_audit_depth);
    if (!parsed.value || !parsed.value->is_object())
        refuse("is no JSON object of a depth that is taken here");
    return *std::move(parsed.value);
}

std::string_view text_in(const json::object& node, std::string_view name) {
    const json::value* found = node.if_contains(name);
    return found != nullptr && found->is_string() ? std::string_view(found->get_string())
                                                  : std::string_view();
}

bool is_true(const json::object& node, std::string_view name) {
    const json::value* found = node.if_contains(name);
    return found != nullptr && found->is_bool() && found->get_bool();
}

struct Walk {
    std::function<void(std::string_view name, const json::object& node)> visit;
    std::vector<std::string_view> path;
    std::size_t nodes = 0;

    void below(const json::object& node) {
        const json::value* found = node.if_contains("dependencies");
        if (found == nullptr || !found->is_object()) return;
        for (const auto& [name, value] : found->get_object()) {
            if (!value.is_object()) continue;
            if (++nodes > limits::npm_audit_nodes) refuse("has more dependencies than are taken here");
            path.push_back(name);
            visit(name, value.get_object());
            below(value.get_object());
            path.pop_back();
        }
    }
};

std::string join_path(const std::vector<std::string_view>& path) {
    std::string text;
    for (const std::string_view name : path) {
        if (!text.empty()) text += '>';
        text += name;
        if (text.size() > limits::npm_audit_path_bytes) return text.substr(0, limits::npm_audit_path_bytes);
    }
    return text;
}

}  // namespace

std::string unpack_body(std::string body, std::string_view coding) {
    if (coding.empty() || coding == "identity") return body;
    if (coding != "gzip")
        throw Problem(problems::unsupported_media_type,
                      "A body in the coding " + std::string(coding) + " is not taken: send it in gzip.");
    const packages::ArchiveSource source{.read_at =
                                             [&body](std::uint64_t offset, std::span<std::byte> into) {
                                                 if (offset >= body.size()) return std::size_t{0};
                                                 const std::size_t size =
                                                     std::min<std::size_t>(into.size(), body.size() - offset);
                                                 std::memcpy(into.data(), body.data() + offset, size);
                                                 return size;
                                             },
                                         .size_bytes = body.size(),
                                         .format = packages::ArchiveFormat::tar_gz};
    const packages::ArchiveLimits most{.unpacked_bytes = limits::npm_audit_unpacked_bytes};
    packages::GzipStream stream(source, most);
    std::string text;
    for (std::string_view piece = stream.next(); !piece.empty(); piece = stream.next()) text += piece;
    return text;
}

std::vector<packages::AskedPackage> parse_bulk_audit(std::string_view text) {
    const json::value parsed = parse(text);
    std::vector<packages::AskedPackage> asked;
    std::size_t count = 0;
    for (const auto& [name, versions] : parsed.get_object()) {
        if (!versions.is_array()) refuse("has no list of versions of " + std::string(name.substr(0, 100)));
        packages::AskedPackage& one = asked.emplace_back();
        one.name = name;
        for (const json::value& version : versions.get_array())
            if (version.is_string()) one.versions.emplace_back(version.get_string());
        count += one.versions.size();
    }
    if (asked.size() > limits::npm_audit_names || count > limits::npm_audit_versions)
        refuse("is more than is taken here at once");
    return asked;
}

AuditTree::AuditTree(std::string_view text) : tree_(parse(text)) {}

std::vector<packages::AskedPackage> AuditTree::list_packages() const {
    std::map<std::string_view, std::set<std::string_view>> found;
    std::size_t count = 0;
    Walk walk;
    walk.visit = [&](std::string_view name, const json::object& node) {
        const std::string_view version = text_in(node, "version");
        if (!version.empty() && found[name].insert(version).second) ++count;
        if (found.size() > limits::npm_audit_names || count > limits::npm_audit_versions)
            refuse("is more than is taken here at once");
    };
    walk.below(tree_.get_object());
    std::vector<packages::AskedPackage> asked;
    for (const auto& [name, versions] : found)
        asked.push_back({.name = std::string(name), .versions = {versions.begin(), versions.end()}});
    return asked;
}

void AuditTree::find_places(Places& places) const {
    Walk walk;
    std::size_t kept = 0;
    walk.visit = [&](std::string_view name, const json::object& node) {
        const auto found = places.find({std::string(name), std::string(text_in(node, "version"))});
        if (found == places.end()) return;
        Place& place = found->second;
        ++place.count;
        place.is_dev = place.is_dev && is_true(node, "dev");
        place.is_optional = place.is_optional && is_true(node, "optional");
        place.is_bundled = place.is_bundled && is_true(node, "bundled");
        if (place.paths.size() >= limits::npm_audit_paths || ++kept > limits::npm_audit_all_paths) return;
        place.paths.push_back(join_path(walk.path));
    };
    walk.below(tree_.get_object());
}

AuditTree::Counts AuditTree::count() const {
    Counts counts;
    Walk walk;
    walk.visit = [&](std::string_view, const json::object& node) {
        const bool is_dev = is_true(node, "dev");
        const bool is_optional = is_true(node, "optional");
        counts.dev += is_dev ? 1 : 0;
        counts.optional += is_optional ? 1 : 0;
        counts.dependencies += is_dev || is_optional ? 0 : 1;
    };
    walk.below(tree_.get_object());
    return counts;
}

}  // namespace lodestone::formats::npm
