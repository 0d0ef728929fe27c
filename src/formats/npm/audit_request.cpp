// A tree as it was parsed is many times what it was as text, so only its nodes are kept, each in a few
// numbers.
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

// With an '@' behind its beginning it would fold to another package's name.
bool is_asked_name(std::string_view name) {
    return name.size() <= limits::npm_name_bytes && name.find('@', 1) == name.npos;
}

bool is_asked_version(std::string_view version) {
    return !version.empty() && version.size() <= limits::npm_version_bytes;
}

bool is_true(const json::object& node, std::string_view name) {
    const json::value* found = node.if_contains(name);
    return found != nullptr && found->is_bool() && found->get_bool();
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
        if (!is_asked_name(name)) continue;
        packages::AskedPackage& one = asked.emplace_back();
        one.name = name;
        for (const json::value& version : versions.get_array())
            if (version.is_string() && is_asked_version(version.get_string()))
                one.versions.emplace_back(version.get_string());
        count += one.versions.size();
    }
    if (asked.size() > limits::npm_audit_names || count > limits::npm_audit_versions)
        refuse("is more than is taken here at once");
    return asked;
}

AuditTree::AuditTree(std::string_view text) {
    add_below(parse(text).get_object(), root);
    numbers_.clear();
}

std::uint32_t AuditTree::note_text(std::string_view text) {
    if (const auto found = numbers_.find(text); found != numbers_.end()) return found->second;
    const auto number = static_cast<std::uint32_t>(texts_.size());
    texts_.emplace_back(text);
    numbers_.emplace(text, number);
    return number;
}

void AuditTree::add_below(const json::object& said, std::uint32_t parent) {
    const json::value* found = said.if_contains("dependencies");
    if (found == nullptr || !found->is_object()) return;
    for (const auto& [name, value] : found->get_object()) {
        if (!value.is_object()) continue;
        if (nodes_.size() == limits::npm_audit_nodes) refuse("has more dependencies than are taken here");
        const json::object& node = value.get_object();
        // What is no package's stays: there may be packages below it.
        const std::string_view version = text_in(node, "version");
        const bool is_asked = is_asked_name(name) && is_asked_version(version);
        nodes_.push_back({.name = note_text(name.size() <= limits::npm_name_bytes ? name : "?"),
                          .version = note_text(is_asked ? version : std::string_view()),
                          .parent = parent,
                          .is_dev = is_true(node, "dev"),
                          .is_optional = is_true(node, "optional"),
                          .is_bundled = is_true(node, "bundled")});
        add_below(node, static_cast<std::uint32_t>(nodes_.size() - 1));
    }
}

std::vector<packages::AskedPackage> AuditTree::list_packages() const {
    std::map<std::string_view, std::set<std::string_view>> found;
    std::size_t count = 0;
    for (const Node& node : nodes_) {
        const std::string& version = texts_[node.version];
        if (!version.empty() && found[texts_[node.name]].insert(version).second) ++count;
    }
    if (found.size() > limits::npm_audit_names || count > limits::npm_audit_versions)
        refuse("is more than is taken here at once");
    std::vector<packages::AskedPackage> asked;
    for (const auto& [name, versions] : found)
        asked.push_back({.name = std::string(name), .versions = {versions.begin(), versions.end()}});
    return asked;
}

std::string AuditTree::path_of(const Node& node) const {
    std::string path = texts_[node.name];
    for (std::uint32_t at = node.parent; at != root; at = nodes_[at].parent) {
        const std::string& parent = texts_[nodes_[at].name];
        if (path.size() + 1 + parent.size() > limits::npm_audit_path_bytes) break;
        path.insert(0, parent + '>');
    }
    return path;
}

void AuditTree::find_places(Places& places) const {
    std::size_t kept = 0;
    for (const Node& node : nodes_) {
        const auto found = places.find({texts_[node.name], texts_[node.version]});
        if (found == places.end()) continue;
        Place& place = found->second;
        ++place.count;
        place.is_dev = place.is_dev && node.is_dev;
        place.is_optional = place.is_optional && node.is_optional;
        place.is_bundled = place.is_bundled && node.is_bundled;
        if (place.paths.size() == limits::npm_audit_paths || kept == limits::npm_audit_all_paths) continue;
        ++kept;
        place.paths.push_back(path_of(node));
    }
}

std::uint64_t AuditTree::size_bytes() const {
    std::uint64_t size = nodes_.size() * sizeof(Node) + texts_.size() * sizeof(std::string);
    for (const std::string& text : texts_) size += text.size();
    return size;
}

AuditTree::Counts AuditTree::count() const {
    Counts counts;
    for (const Node& node : nodes_) {
        counts.dev += node.is_dev ? 1 : 0;
        counts.optional += node.is_optional ? 1 : 0;
        counts.dependencies += node.is_dev || node.is_optional ? 0 : 1;
    }
    return counts;
}

}  // namespace lodestone::formats::npm
