// Manifests: what an image, an index of images or an artefact consists of.
// https://github.com/opencontainers/image-spec/blob/main/manifest.md, image-index.md, and Docker's schema 2.
// Pure: bytes in, facts out; whether what a manifest names is there, nobody knows here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/oci/reference.hpp"

namespace lodestone::formats::oci {

struct Platform {
    std::string os;
    std::string architecture;
    std::string variant;
    std::string os_version;
    bool operator==(const Platform&) const = default;
};

using Annotations = std::map<std::string, std::string>;

// How a manifest names something else.
struct Descriptor {
    std::string media_type;
    ContentDigest digest;
    std::uint64_t size_bytes = 0;
    std::string artifact_type;
    std::optional<Platform> platform;
    Annotations annotations;
    // It is kept elsewhere, as base layers of Windows are, and nobody has to bring it here.
    bool is_foreign = false;
};

struct Manifest {
    enum class Kind : std::uint8_t {
        image,  // a configuration and layers: images, and artefacts of every type
        index   // other manifests
    };
    Kind kind = Kind::image;
    std::string media_type;
    std::string artifact_type;  // as it says itself; see effective_artifact_type()
    std::optional<Descriptor> config;
    std::vector<Descriptor> layers;     // or an artefact's blobs
    std::vector<Descriptor> manifests;  // of an index
    std::optional<Descriptor> subject;  // what it is about: a signature's image
    Annotations annotations;
};

// `content_type` is what the client says it is; the two have to agree, and what could be read as an image and
// as an index is refused, like members that differ from those that are known in case alone, so that no two
// readers see different things in the same bytes. Throws Problem(MANIFEST_INVALID).
Manifest parse_manifest(std::string_view bytes, std::string_view content_type);

// What referrers are filtered by: of an image without one, what its configuration is.
std::string effective_artifact_type(const Manifest& manifest);

}  // namespace lodestone::formats::oci
