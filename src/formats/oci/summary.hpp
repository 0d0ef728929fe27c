// What people and search are told of an image: what it says of itself, and what it is found by.
// https://github.com/opencontainers/image-spec/blob/main/annotations.md
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "formats/oci/facts.hpp"
#include "formats/oci/manifest.hpp"

namespace lodestone::formats::oci {

// An annotation counts before a label of the configuration, which may be a base image's.
struct Described {
    const Manifest& manifest;
    const std::optional<ImageConfig>& config;
};

// Its description, or its title where there is none.
std::optional<std::string> find_description(const Described& image);
// Nothing where it says none. Its title is one, beside a description.
std::optional<std::vector<std::string>> find_keywords(const Described& image);
// The platforms that it is for, as "linux/arm64/v8", and what type of artefact it is, if it is no image.
std::vector<std::string> list_traits(const Described& image);

// Whether it is about another manifest, as a signature is: what it says is not said of the image.
bool is_about_another(const Manifest& manifest, std::span<const std::string> tags);

}  // namespace lodestone::formats::oci
