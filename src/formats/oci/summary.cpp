// From annotations, labels and facts to description, keywords and traits.
#include "formats/oci/summary.hpp"

#include <algorithm>
#include <string_view>

#include "base/image_limits.hpp"
#include "base/utf8.hpp"
#include "formats/oci/fallback_tag.hpp"

namespace lodestone::formats::oci {

namespace {

constexpr std::string_view title_name = "org.opencontainers.image.title";
constexpr std::string_view description_name = "org.opencontainers.image.description";
// The specification knows no keywords; these are in use, with commas between keywords.
constexpr std::string_view keyword_names[] = {"io.artifacthub.package.keywords", "io.openshift.tags"};
constexpr std::string_view no_type = "application/vnd.oci.empty.v1+json";

// Controls become spaces, which none of its ends has.
std::string tidy(std::string_view text) {
    std::string tidied(text);
    std::ranges::replace_if(tidied, [](char c) { return (c >= 0 && c < ' ') || c == '\x7F'; }, ' ');
    const std::size_t begin = tidied.find_first_not_of(' ');
    if (begin == std::string::npos) return {};
    return tidied.substr(begin, tidied.find_last_not_of(' ') - begin + 1);
}

std::string find_text(const Described& image, std::string_view name) {
    const std::string key(name);
    const Annotations& own = image.manifest.annotations;
    if (const auto found = own.find(key); found != own.end())
        if (std::string text = tidy(found->second); !text.empty()) return text;
    if (image.config)
        if (const auto label = image.config->labels.find(key); label != image.config->labels.end())
            return tidy(label->second);
    return {};
}

std::string find_own_description(const Described& image) {
    std::string text = find_text(image, description_name);
    if (text.empty() && image.config) text = tidy(image.config->description);
    return text;
}

void add_keyword(std::vector<std::string>& keywords, std::string keyword) {
    if (!keyword.empty() && std::ranges::count(keywords, keyword) == 0)
        keywords.push_back(std::move(keyword));
}

void add_listed(std::vector<std::string>& keywords, std::string_view list) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        add_keyword(keywords, tidy(list.substr(0, comma)));
        list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    }
}

}  // namespace

std::optional<std::string> find_description(const Described& image) {
    std::string text = find_own_description(image);
    if (text.empty()) text = find_text(image, title_name);
    if (text.empty()) return std::nullopt;
    return std::string(cut_text(text, limits::description_bytes));
}

std::optional<std::vector<std::string>> find_keywords(const Described& image) {
    std::vector<std::string> keywords;
    if (!find_own_description(image).empty()) add_keyword(keywords, find_text(image, title_name));
    for (const std::string_view name : keyword_names) add_listed(keywords, find_text(image, name));
    if (image.config)
        for (const std::string& keyword : image.config->keywords) add_keyword(keywords, tidy(keyword));
    if (keywords.empty()) return std::nullopt;
    return keywords;
}

std::vector<std::string> list_traits(const Described& image) {
    std::vector<std::string> traits;
    for (const Platform& platform : list_platforms(image.manifest, image.config)) {
        std::string trait = platform.os + "/" + platform.architecture;
        if (!platform.variant.empty()) trait += "/" + platform.variant;
        if (std::ranges::count(traits, trait) == 0) traits.push_back(std::move(trait));
    }
    const std::string type = effective_artifact_type(image.manifest);
    if (!type.empty() && !is_image_config(type) && type != no_type) traits.push_back(type);
    return traits;
}

bool is_about_another(const Manifest& manifest, std::span<const std::string> tags) {
    return manifest.subject || std::ranges::any_of(tags, [](const std::string& tag) {
               return parse_fallback_tag(tag).has_value();
           });
}

}  // namespace lodestone::formats::oci
