// From JSON to facts, field by field: what has a wrong type or a senseless value is refused by its pointer.
#include "formats/oci/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/image_limits.hpp"
#include "base/package_limits.hpp"
#include "base/strict_json.hpp"
#include "base/utf8.hpp"
#include "formats/oci/problems.hpp"

namespace lodestone::formats::oci {

namespace {

namespace json = boost::json;

struct MediaType {
    std::string_view name;
    Manifest::Kind kind;
    // What release candidates of the specification had: its parts are called blobs.
    bool is_artefact() const { return name.find(".artifact.") != name.npos; }
};
constexpr std::array media_types{
    MediaType{"application/vnd.oci.image.manifest.v1+json", Manifest::Kind::image},
    MediaType{"application/vnd.oci.image.index.v1+json", Manifest::Kind::index},
    MediaType{"application/vnd.docker.distribution.manifest.v2+json", Manifest::Kind::image},
    MediaType{"application/vnd.docker.distribution.manifest.list.v2+json", Manifest::Kind::index},
    MediaType{"application/vnd.oci.artifact.manifest.v1+json", Manifest::Kind::image},
};
// Of layers that their licence keeps at home.
constexpr std::string_view docker_foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
constexpr std::string_view oci_foreign = "application/vnd.oci.image.layer.nondistributable.";

[[noreturn]] void refuse(const std::string& what) {
    throw Problem(manifest_invalid, "The manifest " + what + ".");
}

// Takes one letter off the front, as the decoders of Go compare it: without its case, and these two beyond
// ASCII are a K and an S to them.
char32_t take_folded(std::string_view& text) {
    const CodePoint first = decode_code_point(text);
    text.remove_prefix(first.size_bytes);
    if (first.value == U'\u212A') return U'k';
    if (first.value == U'\u017F') return U's';
    return first.value >= U'A' && first.value <= U'Z' ? first.value - U'A' + U'a' : first.value;
}

bool is_same_but_for_case(std::string_view name, std::string_view other) {
    while (!name.empty() && !other.empty())
        if (take_folded(name) != take_folded(other)) return false;
    return name.empty() && other.empty();
}

// One object of the document, and where it stands.
class Reader {
  public:
    Reader(const json::object& object, std::string place) : object_(object), place_(std::move(place)) {}

    std::string text(std::string_view name) const {
        const json::value* value = find(name);
        if (value == nullptr) return {};
        if (!value->is_string()) refuse(fmt::format("has no text at {}", at(name)));
        return std::string(value->get_string());
    }

    Annotations annotations() const {
        Annotations read;
        const json::object* found = object("annotations");
        if (found == nullptr) return read;
        for (const auto& [name, value] : *found) {
            if (!value.is_string())
                refuse(fmt::format("has no text at {}", at("annotations/" + std::string(name))));
            read.emplace(name, value.get_string());
        }
        return read;
    }

    const json::object* object(std::string_view name) const {
        const json::value* value = find(name);
        if (value == nullptr) return nullptr;
        if (!value->is_object()) refuse(fmt::format("has no object at {}", at(name)));
        return &value->get_object();
    }

    const json::array* list(std::string_view name) const {
        const json::value* value = find(name);
        if (value == nullptr) return nullptr;
        if (!value->is_array()) refuse(fmt::format("has no list at {}", at(name)));
        if (value->get_array().size() > limits::manifest_descriptors)
            refuse(fmt::format("has more than {} entries at {}", limits::manifest_descriptors, at(name)));
        return &value->get_array();
    }

    std::uint64_t size() const {
        const json::value* value = find("size");
        if (value == nullptr || !(value->is_int64() || value->is_uint64()))
            refuse(fmt::format("has no size at {}", at("size")));
        if (value->is_int64() && value->get_int64() >= 0)
            return static_cast<std::uint64_t>(value->get_int64());
        refuse(fmt::format("has a size that cannot be at {}", at("size")));
    }

    // Go's encoders write null for what is not there. Its decoders take "Manifests" for "manifests", and of
    // both the last: what they read is not to be something else than what was looked at here.
    const json::value* find(std::string_view name) const {
        for (const json::key_value_pair& pair : object_) {
            const std::string_view member = pair.key();
            if (member.size() >= name.size() && member != name && is_same_but_for_case(member, name))
                refuse(fmt::format("has a member {}, which some clients read as {}: spell it like that",
                                   at(member), at(name)));
        }
        const json::value* value = object_.if_contains(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    }
    bool has(std::string_view name) const { return find(name) != nullptr; }
    std::string at(std::string_view name) const { return place_ + "/" + std::string(name); }

  private:
    const json::object& object_;
    std::string place_;
};

Platform read_platform(const json::object& object, const std::string& place) {
    const Reader reader(object, place);
    return {.os = reader.text("os"),
            .architecture = reader.text("architecture"),
            .variant = reader.text("variant"),
            .os_version = reader.text("os.version")};
}

// It becomes a header, and what referrers are filtered by.
bool is_media_type(std::string_view text) {
    return text.size() <= limits::content_type_bytes &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

bool is_foreign(const Reader& reader, std::string_view media_type) {
    const json::array* urls = reader.list("urls");
    return (urls != nullptr && !urls->empty()) || media_type == docker_foreign ||
           media_type.starts_with(oci_foreign);
}

Descriptor read_descriptor(const json::object& object, const std::string& place) {
    const Reader reader(object, place);
    Descriptor read;
    read.media_type = reader.text("mediaType");
    if (read.media_type.empty() || !is_media_type(read.media_type))
        refuse(fmt::format("has no media type at {}", reader.at("mediaType")));
    const auto digest = parse_content_digest(reader.text("digest"));
    if (!digest) refuse(fmt::format("has no sha256 or sha512 digest at {}", reader.at("digest")));
    read.digest = *digest;
    read.size_bytes = reader.size();
    read.artifact_type = reader.text("artifactType");
    if (const json::object* platform = reader.object("platform"))
        read.platform = read_platform(*platform, reader.at("platform"));
    read.annotations = reader.annotations();
    read.is_foreign = is_foreign(reader, read.media_type);
    return read;
}

std::optional<Descriptor> read_one(const Reader& reader, std::string_view name) {
    const json::object* object = reader.object(name);
    if (object == nullptr) return std::nullopt;
    return read_descriptor(*object, reader.at(name));
}

std::vector<Descriptor> read_all(const Reader& reader, std::string_view name) {
    std::vector<Descriptor> read;
    const json::array* list = reader.list(name);
    if (list == nullptr) return read;
    read.reserve(list->size());
    for (const json::value& entry : *list) {
        const std::string place = reader.at(fmt::format("{}/{}", name, read.size()));
        if (!entry.is_object()) refuse(fmt::format("has no object at {}", place));
        read.push_back(read_descriptor(entry.get_object(), place));
    }
    return read;
}

// Parameters say nothing here: "application/…+json; charset=utf-8".
std::string_view without_parameters(std::string_view content_type) {
    std::string_view name = content_type.substr(0, content_type.find(';'));
    while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
    return name;
}

const MediaType& choose_media_type(std::string_view declared, std::string_view content_type) {
    const std::string_view said = without_parameters(content_type);
    if (!declared.empty() && !said.empty() && declared != said)
        refuse(fmt::format("calls itself {} and comes as {}", declared, said));
    const std::string_view name = declared.empty() ? said : declared;
    if (name.empty()) refuse("does not say what it is: neither its mediaType nor a Content-Type does");
    const auto* const found = std::ranges::find(media_types, name, &MediaType::name);
    if (found == media_types.end()) refuse(fmt::format("is of the type {}, which is no manifest's", name));
    return *found;
}

// Docker's schema 1 has signatures and a history in place of a configuration; nothing pushes it any more.
void check_schema(const Reader& reader, const MediaType& type) {
    const json::value* version = reader.find("schemaVersion");
    if (type.is_artefact() && version == nullptr) return;
    if (version == nullptr || !version->is_int64() || version->get_int64() != 2)
        refuse("has a schemaVersion other than 2");
}

void check_shape(const Reader& reader, const MediaType& type) {
    const bool has_parts = reader.has("config") || reader.has("layers") || reader.has("blobs");
    if (type.kind == Manifest::Kind::index && has_parts) refuse("is an index, and has the parts of an image");
    if (type.kind == Manifest::Kind::image && reader.has("manifests"))
        refuse("is an image, and lists manifests as an index does");
    if (type.kind == Manifest::Kind::index && !reader.has("manifests")) refuse("has no list at /manifests");
    if (type.kind == Manifest::Kind::image && !type.is_artefact() && !reader.has("config"))
        refuse("has no object at /config");
}

}  // namespace

Manifest parse_manifest(std::string_view bytes, std::string_view content_type) {
    const StrictJson document = parse_strict_json(bytes, limits::manifest_bytes);
    if (!document.object) refuse(std::string(document.fault));
    const Reader reader(*document.object, "");
    const MediaType& type = choose_media_type(reader.text("mediaType"), content_type);
    check_schema(reader, type);
    check_shape(reader, type);

    Manifest manifest;
    manifest.kind = type.kind;
    manifest.media_type = type.name;
    manifest.artifact_type = reader.text("artifactType");
    if (!is_media_type(manifest.artifact_type)) refuse("has no media type at /artifactType");
    manifest.config = read_one(reader, "config");
    manifest.layers = read_all(reader, type.is_artefact() ? "blobs" : "layers");
    manifest.manifests = read_all(reader, "manifests");
    manifest.subject = read_one(reader, "subject");
    manifest.annotations = reader.annotations();
    return manifest;
}

std::string effective_artifact_type(const Manifest& manifest) {
    if (!manifest.artifact_type.empty() || !manifest.config) return manifest.artifact_type;
    return manifest.config->media_type;
}

}  // namespace lodestone::formats::oci
