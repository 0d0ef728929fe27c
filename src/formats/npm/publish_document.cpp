// From JSON to what is published: member by member, and what contradicts itself is refused.
#include "formats/npm/publish_document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/npm_limits.hpp"
#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "formats/npm/name.hpp"
#include "formats/npm/version.hpp"

namespace lodestone::formats::npm {

namespace {

namespace json = boost::json;

[[noreturn]] void refuse(const std::string& sentence) {
    throw Problem(problems::invalid_input, sentence);
}

json::object read_object(std::string_view text) {
    StrictValue read = parse_strict_value(text, limits::npm_document_depth);
    switch (read.fault) {
        case JsonFault::none: break;
        case JsonFault::no_json: refuse("The document that was sent is no JSON: " + read.where + ".");
        case JsonFault::too_deep: refuse("The document that was sent is nested too deeply.");
        case JsonFault::member_twice:
            refuse("The document that was sent has the member " + read.where + " twice.");
    }
    if (!read.value->is_object()) refuse("The document that was sent is no JSON object.");
    return std::move(read.value->get_object());
}

const json::value* find(const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<std::string> find_text(const json::object& object, std::string_view name) {
    const json::value* found = find(object, name);
    if (found == nullptr) return std::nullopt;
    if (!found->is_string()) refuse("The member " + std::string(name) + " of the document is no text.");
    return std::string(found->get_string());
}

const json::object* find_object(const json::object& object, std::string_view name) {
    const json::value* found = find(object, name);
    if (found == nullptr) return nullptr;
    if (!found->is_object()) refuse("The member " + std::string(name) + " of the document is no object.");
    return &found->get_object();
}

std::vector<std::pair<std::string, std::string>> read_tags(const json::object& document) {
    std::vector<std::pair<std::string, std::string>> tags;
    const json::object* found = find_object(document, "dist-tags");
    if (found == nullptr) return tags;
    for (const auto& [name, version] : *found) {
        if (version.is_null()) continue;
        if (!version.is_string()) refuse("The tag " + std::string(name) + " names no version.");
        tags.emplace_back(name, version.get_string());
    }
    return tags;
}

// The one attachment that is a tarball, and the version that its name says.
struct Tarball {
    std::string version;
    const json::object* attachment = nullptr;
};

const json::object& need_attachment(const json::key_value_pair& pair) {
    if (!pair.value().is_object()) refuse("The attachment " + std::string(pair.key()) + " is no object.");
    return pair.value().get_object();
}

Tarball find_tarball(const json::object& attachments, std::string_view name) {
    Tarball found;
    for (const json::key_value_pair& pair : attachments) {
        if (!pair.key().ends_with(".tgz")) continue;
        if (found.attachment != nullptr)
            refuse("There are two tarballs in _attachments: publish one version at a time.");
        found.attachment = &need_attachment(pair);
        const auto version = version_of_file(name, pair.key());
        if (!version)
            refuse("The attachment " + std::string(pair.key()) + " is not called as a tarball of " +
                   std::string(name) + " is.");
        found.version = *version;
    }
    if (found.attachment == nullptr) refuse("There is no tarball in _attachments.");
    // What the scanner did not recognise stands here still.
    const auto data = find_text(*found.attachment, "data");
    if (!data || !data->empty()) refuse("The tarball in _attachments has no data that can be read.");
    return found;
}

// Other attachments than the tarball: an attestation, as it is.
void read_bundle(const json::object& attachments, PublishedVersion& published) {
    for (const json::key_value_pair& pair : attachments) {
        if (pair.key().ends_with(".tgz")) continue;
        const auto version = version_of_file(published.name, pair.key(), ".sigstore");
        if (!version || fold_version(*version) != published.version || !published.bundle.empty())
            refuse("The attachment " + std::string(pair.key()) +
                   " is neither the tarball nor its attestation.");
        const json::object& attachment = need_attachment(pair);
        published.bundle = find_text(attachment, "data").value_or("");
        published.bundle_type = find_text(attachment, "content_type").value_or("");
        if (published.bundle_type.size() > limits::content_type_bytes)
            refuse("The content_type of the attestation is longer than 255 bytes.");
        if (published.bundle.size() > limits::npm_bundle_bytes)
            refuse("The attestation is larger than 1 MiB.");
        if (!parse_strict_json(published.bundle, limits::npm_bundle_bytes).object)
            refuse("The attestation " + std::string(pair.key()) + " is no JSON.");
    }
}
static_assert(limits::npm_bundle_bytes == limits::mib && limits::content_type_bytes == 255,
              "the sentences above say so");

void read_dist(PublishedVersion& published) {
    const json::object* dist = find_object(published.manifest, "dist");
    if (dist == nullptr) return;
    published.integrity = find_text(*dist, "integrity").value_or("");
    published.shasum = find_text(*dist, "shasum").value_or("");
}

void check_manifest(const PublishedVersion& published) {
    if (find_text(published.manifest, "name") != published.name)
        refuse("The version " + published.version + " calls itself another package than " + published.name +
               ".");
    const auto version = find_text(published.manifest, "version");
    if (!version || fold_version(*version) != published.version)
        refuse("The version " + published.version + " calls itself another version.");
}

std::optional<std::uint64_t> read_size(const json::object& attachment) {
    const json::value* length = find(attachment, "length");
    if (length == nullptr) return std::nullopt;
    if (!length->is_int64() || length->get_int64() < 0) refuse("The tarball has no length that can be.");
    return static_cast<std::uint64_t>(length->get_int64());
}

void read_tags(const PackageDocument& document, PublishedVersion& published) {
    for (const auto& [tag, version] : document.tags) {
        if (fold_version(version) != published.version) continue;
        if (!is_tag_name(tag))
            refuse("No tag is called " + tag + ": it could be taken for a version or a range of versions.");
        published.tags.push_back(tag);
    }
    if (published.tags.size() > limits::npm_published_tags)
        refuse("A version is published under 20 tags at most.");
}
static_assert(limits::npm_published_tags == 20, "the sentence above says so");

}  // namespace

PackageDocument parse_package_document(std::string_view text) {
    json::object read = read_object(text);
    PackageDocument document;
    document.name = find_text(read, "name").value_or("");
    if (document.name.empty()) document.name = find_text(read, "_id").value_or("");
    document.revision = find_text(read, "_rev");
    document.tags = read_tags(read);
    if (const json::object* attachments = find_object(read, "_attachments"); attachments != nullptr)
        if (!attachments->empty()) document.attachments = *attachments;
    if (find_object(read, "versions") != nullptr) {
        document.has_versions = true;
        document.versions = std::move(read["versions"].get_object());
    }
    for (const json::key_value_pair& pair : document.versions)
        if (!pair.value().is_object()) refuse("The version " + std::string(pair.key()) + " is no object.");
    return document;
}

PublishedVersion find_published_version(PackageDocument document, std::string_view name) {
    if (!document.attachments) refuse("There is no tarball in _attachments.");
    if (document.name != name)
        refuse("The document describes the package " + document.name + ", and was sent to the address of " +
               std::string(name) + ".");
    const Tarball tarball = find_tarball(*document.attachments, name);
    if (!parse_version(tarball.version))
        refuse(tarball.version + " is no version by semver.org, such as 1.0.0.");
    json::value* manifest = document.versions.if_contains(tarball.version);
    if (manifest == nullptr)
        refuse("The tarball is one of version " + tarball.version +
               ", which the document does not describe.");
    PublishedVersion published;
    published.name = name;
    published.version = fold_version(tarball.version);
    published.size_bytes = read_size(*tarball.attachment);
    published.manifest = std::move(manifest->get_object());
    check_manifest(published);
    published.manifest["version"] = published.version;
    read_dist(published);
    read_tags(document, published);
    read_bundle(*document.attachments, published);
    return published;
}

}  // namespace lodestone::formats::npm
