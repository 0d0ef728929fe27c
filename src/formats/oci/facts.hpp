// What is kept of a manifest as facts of its version: JSON that the console, search and referrers read, so
// that nobody has to fetch and parse the manifest again.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/oci/manifest.hpp"

namespace lodestone::formats::oci {

// What an image's configuration says of it.
// https://github.com/opencontainers/image-spec/blob/main/config.md
struct ImageConfig {
    Platform platform;
    std::string created;
    std::string author;
    std::map<std::string, std::string> labels;
    // A chart's configuration has these; https://helm.sh/docs/topics/charts/#the-chartyaml-file
    std::string description;
    std::vector<std::string> keywords;
    bool operator==(const ImageConfig&) const = default;
};

// Whether a configuration of that type is an image's; artefacts have others.
bool is_image_config(std::string_view media_type);
// Whether it is one that can be read: an image's, or a chart's.
bool is_readable_config(std::string_view media_type);
// Nothing for what is none: it is stored all the same, and nothing is known of it.
std::optional<ImageConfig> parse_image_config(std::string_view bytes);

// Of an index those of its entries, each once; of an image the one that its configuration names. What is for
// no platform, as a provenance that stands beside images ("unknown/unknown"), has none.
std::vector<Platform> list_platforms(const Manifest& manifest, const std::optional<ImageConfig>& config);

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

}  // namespace lodestone::formats::oci
