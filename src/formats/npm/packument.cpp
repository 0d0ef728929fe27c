// Documents as text, joined; nothing of a version is parsed but of the latest.
#include "formats/npm/packument.hpp"

#include <algorithm>
#include <set>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "base/time_text.hpp"
#include "formats/npm/name.hpp"
#include "formats/npm/place.hpp"
#include "formats/npm/version.hpp"
#include "formats/npm/version_manifest.hpp"
#include "packages/tag.hpp"
#include "packages/version.hpp"
#include "packages/version_mark.hpp"

namespace lodestone::formats::npm {

namespace {

using db::Tx;
using packages::FoundFragment;
using packages::IndexSubject;
using packages::PackagePlace;
using packages::VersionState;

void append_member(std::string& out, std::string_view name, std::string_view text) {
    if (out.back() != '{') out += ',';
    append_json_string(out, name);
    out += ':';
    append_json_string(out, text);
}

// Everything that the two documents are rendered from.
struct Packument {
    packages::Package package;
    std::vector<FoundFragment> versions;
    std::set<std::string> attested;  // versions
    Tags tags;
    std::string registry;
};

std::optional<Packument> find_packument(Tx& tx, const IndexSubject& subject, std::string_view fragment) {
    auto package = packages::find_package_by_key(tx, subject.place(), subject.package_key);
    if (!package) return std::nullopt;
    const PackagePlace place{subject.tenant, subject.repository->id, package->id};
    Packument found{.package = *std::move(package),
                    .versions = packages::list_fragments(tx, place, fragment),
                    .attested = {},
                    .tags = {},
                    .registry = registry_address(subject)};
    if (found.versions.empty()) return std::nullopt;
    for (FoundFragment& attested : packages::list_fragments(tx, place, attestation_fragment))
        found.attested.insert(std::move(attested.version_name));
    found.tags = list_package_tags(tx, place, found.versions);
    return found;
}

std::string attestation_address(std::string_view registry, std::string_view name, std::string_view version) {
    // Clients take the path of this alone, behind the address that they know the registry by.
    const std::size_t host = registry.find("/npm/");
    return std::string(registry.substr(0, host)) + "/-/npm/v1/attestations/" +
           http::encode_path_text(std::string(name) + '@' + std::string(version));
}

void append_version(std::string& out, const Packument& from, const FoundFragment& version, bool is_attested) {
    const std::string file = tarball_name(from.package.name, version.version_name);
    const std::string tarball =
        from.registry + '/' + from.package.name + "/-/" + http::encode_path_text(file);
    const std::string deprecation = deprecation_of(version);
    const std::string attestations =
        is_attested ? attestation_address(from.registry, from.package.name, version.version_name) : "";
    out += version.body;
    close_manifest(out, {.tarball = tarball, .deprecation = deprecation, .attestations = attestations});
}

void append_versions(std::string& out, const Packument& from) {
    std::size_t size = 0;
    for (const FoundFragment& version : from.versions) size += version.body.size() + 512;
    out.reserve(out.size() + size);
    out += ",\"versions\":{";
    for (const FoundFragment& version : from.versions) {
        if (out.back() != '{') out += ',';
        append_json_string(out, version.version_name);
        out += ':';
        append_version(out, from, version, from.attested.contains(version.version_name));
    }
    out += '}';
}

void append_tags(std::string& out, const Tags& tags) {
    out += '{';
    for (const auto& [tag, version] : tags) append_member(out, tag, version);
    out += '}';
}

Time modified_at(const Packument& from) {
    Time last = from.package.updated_at;
    for (const FoundFragment& version : from.versions) last = std::max(last, version.published_at);
    return last;
}

// Installers that wait until a version is some days old look here.
void append_times(std::string& out, const Packument& from) {
    const Time created =
        from.package.first_published_at == Time{} ? from.package.created_at : from.package.first_published_at;
    out += ",\"time\":{";
    append_member(out, "created", render_rfc3339(created));
    append_member(out, "modified", render_rfc3339(modified_at(from)));
    for (const FoundFragment& version : from.versions)
        append_member(out, version.version_name, render_rfc3339(version.published_at));
    out += '}';
}

const FoundFragment* find_version(const std::vector<FoundFragment>& versions, std::string_view name) {
    const auto found = std::ranges::find(versions, name, &FoundFragment::version_name);
    return found == versions.end() ? nullptr : &*found;
}

// Of what is said of each version and tag, in an order of its own.
struct VersionMark {
    std::string name;
    std::string state;
};
std::string digest_revision(std::vector<VersionMark> versions, const Tags& tags) {
    std::ranges::sort(versions, {}, &VersionMark::name);
    Sha256Digest digest;
    const auto add = [&digest](std::string_view one, std::string_view between, std::string_view other) {
        for (const std::string_view part : {one, between, other, std::string_view("\n")}) digest.add(part);
    };
    for (const VersionMark& version : versions) add(version.name, "\n", version.state);
    for (const auto& [tag, version] : tags) add(tag, "\t", version);
    return std::to_string(versions.size()) + '-' + to_hex(digest.finish()).substr(0, 32);
}

std::string find_revision(const Packument& from) {
    std::vector<VersionMark> versions;
    versions.reserve(from.versions.size());
    for (const FoundFragment& version : from.versions)
        versions.push_back({.name = version.version_name, .state = deprecation_of(version)});
    return digest_revision(std::move(versions), from.tags);
}

void append_readme(Tx& tx, std::string& out, const PackagePlace& place, const FoundFragment& latest) {
    const auto version = packages::find_version_by_key(tx, place, latest.version_key);
    if (!version) return;
    if (const auto readme = packages::find_fragment(tx, {place, version->id}, readme_fragment, ""))
        out += ',' + *readme;
}

std::optional<std::string> render_full(Tx& tx, const IndexSubject& subject) {
    const auto found = find_packument(tx, subject, full_fragment);
    if (!found) return std::nullopt;
    std::string out = "{";
    append_member(out, "_id", found->package.name);
    append_member(out, "_rev", find_revision(*found));
    append_member(out, "name", found->package.name);
    if (!found->package.description.empty()) append_member(out, "description", found->package.description);
    out += ",\"dist-tags\":";
    append_tags(out, found->tags);
    append_versions(out, *found);
    append_times(out, *found);
    const auto latest = std::ranges::find(found->tags, "latest", &Tags::value_type::first);
    if (const FoundFragment* version = find_version(found->versions, latest->second); version != nullptr) {
        out += render_package_members(version->body);
        append_readme(tx, out, {subject.tenant, subject.repository->id, found->package.id}, *version);
    }
    return out + "}\n";
}

std::optional<std::string> render_brief(Tx& tx, const IndexSubject& subject) {
    const auto found = find_packument(tx, subject, brief_fragment);
    if (!found) return std::nullopt;
    std::string out = "{";
    append_member(out, "name", found->package.name);
    append_member(out, "modified", render_rfc3339(modified_at(*found)));
    out += ",\"dist-tags\":";
    append_tags(out, found->tags);
    append_versions(out, *found);
    append_times(out, *found);
    return out + "}\n";
}

// Finished versions stand before those that are to become some, whatever their numbers.
bool is_better(const FoundFragment& one, const FoundFragment& other) {
    if (one.state != other.state) return one.state == VersionState::published;
    const auto left = parse_version(one.version_name);
    const auto right = parse_version(other.version_name);
    if (!left || !right) return left.has_value() && !right.has_value();
    if (left->prerelease.empty() != right->prerelease.empty()) return left->prerelease.empty();
    return compare_versions(*left, *right) > 0;
}

Tags list_set_tags(Tx& tx, const PackagePlace& place) {
    Tags tags;
    db::ListRequest request{.filters = {}, .sort = {}, .limit = limits::page_rows_most, .cursor = {}};
    do {
        auto page = packages::list_tags(tx, place, request);
        for (packages::Tag& tag : page.items)
            tags.emplace_back(std::move(tag.name), std::move(tag.version_name));
        request.cursor = std::move(page.next);
    } while (!request.cursor.empty());
    return tags;
}

std::vector<FoundFragment> list_marks(Tx& tx, const PackagePlace& place) {
    std::vector<FoundFragment> versions;
    for (packages::VersionMark& version : packages::list_version_marks(tx, place))
        versions.push_back({.version_name = std::move(version.name),
                            .version_key = std::move(version.name_key),
                            .name = {},
                            .body = {},
                            .state = version.state,
                            .yank_reason = std::move(version.yank_reason),
                            .deprecation = std::move(version.deprecation),
                            .published_at = version.published_at});
    return versions;
}

// Of some that there are.
std::string find_best(const std::vector<FoundFragment>& versions) {
    const FoundFragment* best = &versions.front();
    for (const FoundFragment& version : versions)
        if (is_better(version, *best)) best = &version;
    return best->version_name;
}

}  // namespace

const packages::IndexKind full_packument{
    .name = "packument", .content_type = "application/json", .render = render_full};
const packages::IndexKind brief_packument{
    .name = "abbreviated", .content_type = brief_type, .render = render_brief};

std::string deprecation_of(const FoundFragment& version) {
    if (version.state != VersionState::yanked) return version.deprecation;
    return "yanked: " + (version.yank_reason.empty() ? "do not use it" : version.yank_reason);
}

Tags list_package_tags(Tx& tx, const PackagePlace& place, const std::vector<FoundFragment>& versions) {
    Tags tags = list_set_tags(tx, place);
    if (versions.empty() || std::ranges::count(tags, "latest", &Tags::value_type::first) > 0) return tags;
    tags.emplace_back("latest", find_best(versions));
    return tags;
}

Tags list_package_tags(Tx& tx, const PackagePlace& place) {
    return list_package_tags(tx, place, list_marks(tx, place));
}

std::optional<std::string> find_tagged(Tx& tx, const PackagePlace& place, std::string_view tag) {
    if (auto found = packages::find_tag(tx, place, tag)) return std::move(found->version_name);
    if (tag != "latest") return std::nullopt;
    const std::vector<FoundFragment> versions = list_marks(tx, place);
    return versions.empty() ? std::nullopt : std::optional(find_best(versions));
}

std::string find_revision(Tx& tx, const PackagePlace& place) {
    const std::vector<FoundFragment> found = list_marks(tx, place);
    std::vector<VersionMark> versions;
    versions.reserve(found.size());
    for (const FoundFragment& version : found)
        versions.push_back({.name = version.version_name, .state = deprecation_of(version)});
    return digest_revision(std::move(versions), list_package_tags(tx, place, found));
}

std::optional<std::string> render_version_document(Tx& tx, const IndexSubject& subject,
                                                   std::string_view asked) {
    const auto package = packages::find_package_by_key(tx, subject.place(), subject.package_key);
    if (!package) return std::nullopt;
    const PackagePlace place{subject.tenant, subject.repository->id, package->id};
    std::string name(asked);
    if (!parse_version(asked)) name = find_tagged(tx, place, asked).value_or(name);
    const auto version = packages::find_version_by_key(tx, place, fold_version(name));
    if (!version) return std::nullopt;
    FoundFragment found{.version_name = version->name,
                        .version_key = version->name_key,
                        .name = {},
                        .body = {},
                        .state = version->state,
                        .yank_reason = version->yank_reason,
                        .deprecation = version->deprecation,
                        .published_at = version->published_at};
    bool is_attested = false;
    for (packages::Fragment& fragment : packages::list_fragments_of(tx, {place, version->id})) {
        if (fragment.kind == full_fragment) found.body = std::move(fragment.body);
        is_attested = is_attested || fragment.kind == attestation_fragment;
    }
    if (found.body.empty()) return std::nullopt;
    const Packument from{.package = *package,
                         .versions = {},
                         .attested = {},
                         .tags = {},
                         .registry = registry_address(subject)};
    std::string out;
    append_version(out, from, found, is_attested);
    return out + '\n';
}

}  // namespace lodestone::formats::npm
