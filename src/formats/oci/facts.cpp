// From manifests and configurations to facts, and back to what lists need of them.
#include "formats/oci/facts.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/image_limits.hpp"
#include "base/strict_json.hpp"
#include "base/utf8.hpp"

namespace lodestone::formats::oci {

namespace {

namespace json = boost::json;

constexpr std::array image_config_types{
    std::string_view("application/vnd.oci.image.config.v1+json"),
    std::string_view("application/vnd.docker.container.image.v1+json"),
};
constexpr std::string_view chart_config_type = "application/vnd.cncf.helm.config.v1+json";

std::string cut(std::string_view text) {
    return std::string(cut_text(text, limits::manifest_fact_bytes));
}

json::object render_annotations(const Annotations& annotations) {
    json::object rendered;
    std::size_t sum_bytes = 0;
    for (const auto& [name, value] : annotations) {
        const std::size_t size_bytes = name.size() + value.size();
        if (size_bytes > limits::manifest_annotation_bytes) continue;
        sum_bytes += size_bytes;
        if (sum_bytes > limits::manifest_annotations_bytes || rendered.size() == limits::manifest_facts)
            break;
        rendered[name] = value;
    }
    return rendered;
}

json::object render_platform(const Platform& platform) {
    json::object rendered{{"os", cut(platform.os)}, {"architecture", cut(platform.architecture)}};
    if (!platform.variant.empty()) rendered["variant"] = cut(platform.variant);
    if (!platform.os_version.empty()) rendered["os_version"] = cut(platform.os_version);
    return rendered;
}

json::object render_descriptor(const Descriptor& descriptor) {
    json::object rendered{{"media_type", cut(descriptor.media_type)},
                          {"digest", render_content_digest(descriptor.digest)},
                          {"size_bytes", descriptor.size_bytes}};
    if (!descriptor.artifact_type.empty()) rendered["artifact_type"] = cut(descriptor.artifact_type);
    if (descriptor.platform) rendered["platform"] = render_platform(*descriptor.platform);
    if (descriptor.is_foreign) rendered["is_foreign"] = true;
    return rendered;
}

json::array render_descriptors(const std::vector<Descriptor>& descriptors) {
    json::array rendered;
    for (const Descriptor& descriptor : descriptors) {
        if (rendered.size() == limits::manifest_facts) break;
        rendered.push_back(render_descriptor(descriptor));
    }
    return rendered;
}

json::array render_platforms(const Manifest& manifest, const std::optional<ImageConfig>& config) {
    json::array rendered;
    for (const Platform& platform : list_platforms(manifest, config))
        rendered.push_back(render_platform(platform));
    return rendered;
}

std::uint64_t sum_sizes(const std::vector<Descriptor>& descriptors) {
    std::uint64_t sum = 0;
    for (const Descriptor& descriptor : descriptors) sum += descriptor.size_bytes;
    return sum;
}

// A member that has another type is as good as none: nobody here vouches for what a configuration holds.
std::string text_at(const json::object& object, std::string_view name) {
    const json::value* found = object.if_contains(name);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::map<std::string, std::string> texts_at(const json::object& object, std::string_view name) {
    std::map<std::string, std::string> texts;
    const json::value* found = object.if_contains(name);
    if (found == nullptr || !found->is_object()) return texts;
    for (const auto& [key, value] : found->get_object())
        if (value.is_string()) texts.emplace(key, value.get_string());
    return texts;
}

std::vector<std::string> text_list_at(const json::object& object, std::string_view name) {
    std::vector<std::string> texts;
    const json::value* found = object.if_contains(name);
    if (found == nullptr || !found->is_array()) return texts;
    for (const json::value& one : found->get_array())
        if (one.is_string()) texts.emplace_back(one.get_string());
    return texts;
}

}  // namespace

bool is_image_config(std::string_view media_type) {
    return std::ranges::count(image_config_types, media_type) > 0;
}

bool is_readable_config(std::string_view media_type) {
    return is_image_config(media_type) || media_type == chart_config_type;
}

std::vector<Platform> list_platforms(const Manifest& manifest, const std::optional<ImageConfig>& config) {
    std::vector<Platform> platforms;
    const auto add = [&](const Platform& platform) {
        const bool is_one = !platform.os.empty() && platform.os != "unknown";
        if (!is_one || platforms.size() == limits::manifest_facts) return;
        if (std::ranges::count(platforms, platform) == 0) platforms.push_back(platform);
    };
    for (const Descriptor& entry : manifest.manifests)
        if (entry.platform) add(*entry.platform);
    if (config) add(config->platform);
    return platforms;
}

std::optional<ImageConfig> parse_image_config(std::string_view bytes) {
    const StrictJson document = parse_strict_json(bytes, limits::image_config_bytes);
    if (!document.object) return std::nullopt;
    const json::object& object = *document.object;
    ImageConfig config{.platform = {.os = text_at(object, "os"),
                                    .architecture = text_at(object, "architecture"),
                                    .variant = text_at(object, "variant"),
                                    .os_version = text_at(object, "os.version")},
                       .created = text_at(object, "created"),
                       .author = text_at(object, "author"),
                       .labels = {},
                       .description = text_at(object, "description"),
                       .keywords = text_list_at(object, "keywords")};
    const json::value* inner = object.if_contains("config");
    if (inner != nullptr && inner->is_object()) config.labels = texts_at(inner->get_object(), "Labels");
    return config;
}

std::string render_facts(const Manifest& manifest, const std::optional<ImageConfig>& config) {
    const bool is_index = manifest.kind == Manifest::Kind::index;
    json::object facts{{"kind", is_index ? "index" : "image"}, {"media_type", manifest.media_type}};
    if (const std::string type = effective_artifact_type(manifest); !type.empty())
        facts["artifact_type"] = cut(type);
    if (const json::array platforms = render_platforms(manifest, config); !platforms.empty())
        facts["platforms"] = platforms;
    if (manifest.config) facts["config"] = render_descriptor(*manifest.config);
    if (is_index) {
        facts["manifest_count"] = manifest.manifests.size();
        facts["manifests"] = render_descriptors(manifest.manifests);
    } else {
        facts["layer_count"] = manifest.layers.size();
        facts["layer_bytes"] = sum_sizes(manifest.layers);
        facts["layers"] = render_descriptors(manifest.layers);
    }
    if (manifest.subject) facts["subject"] = render_descriptor(*manifest.subject);
    if (!manifest.annotations.empty()) facts["annotations"] = render_annotations(manifest.annotations);
    if (config && !config->created.empty()) facts["created"] = cut(config->created);
    if (config && !config->author.empty()) facts["author"] = cut(config->author);
    if (config && !config->labels.empty()) facts["labels"] = render_annotations(config->labels);
    return json::serialize(facts);
}

std::optional<ReferrerFacts> parse_referrer_facts(std::string_view facts) {
    boost::system::error_code fault;
    const json::value parsed = json::parse(facts, fault);
    if (fault || !parsed.is_object()) return std::nullopt;
    ReferrerFacts read{.artifact_type = text_at(parsed.get_object(), "artifact_type"),
                       .annotations = texts_at(parsed.get_object(), "annotations"),
                       .subject = {}};
    const json::value* subject = parsed.get_object().if_contains("subject");
    if (subject != nullptr && subject->is_object()) read.subject = text_at(subject->get_object(), "digest");
    return read;
}

}  // namespace lodestone::formats::oci
