// What is kept of a manifest as facts of its version: JSON that the console, search and referrers read, so
// that nobody has to fetch and parse the manifest again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "formats/oci/manifest.hpp"

namespace lodestone::formats::oci {

// What an image's configuration says of it.
// https://github.com/opencontainers/image-spec/blob/main/config.md
struct ImageConfig {
    Platform platform;
    std::string created;
    std::string author;
    std::map<std::string, std::string> labels;
    bool operator==(const ImageConfig&) const = default;
};

// Whether a configuration of that type says so; artefacts have others.
bool is_image_config(std::string_view media_type);
// Nothing for what is none: it is stored all the same, and nothing is known of it.
std::optional<ImageConfig> parse_image_config(std::string_view bytes);

// Lists and texts are cut to limits::manifest_facts and manifest_fact_bytes; "layer_count" and the like tell
// how many there are.
std::string render_facts(const Manifest& manifest, const std::optional<ImageConfig>& config);

// Of facts: what a list of referrers says of one. Nothing for what render_facts() did not write.
struct ReferrerFacts {
    std::string artifact_type;
    Annotations annotations;
    std::string subject;  // its digest
    bool operator==(const ReferrerFacts&) const = default;
};
std::optional<ReferrerFacts> parse_referrer_facts(std::string_view facts);

// For people: what it is, in the image's own words; nothing when it has none.
std::optional<std::string> find_description(const Manifest& manifest,
                                            const std::optional<ImageConfig>& config);

}  // namespace lodestone::formats::oci
