// Fallback tags, read and written.
#include "formats/oci/fallback_tag.hpp"

#include <algorithm>

#include "formats/oci/reference.hpp"

namespace lodestone::formats::oci {

// Tags are at most 128 characters long, so of a sha512 the end is missing: it cannot be told which it was.
std::optional<std::string> parse_fallback_tag(std::string_view tag) {
    const auto dash = tag.find('-');
    if (dash == tag.npos) return std::nullopt;
    std::string digest = std::string(tag.substr(0, dash)) + ':' + std::string(tag.substr(dash + 1));
    if (!parse_content_digest(digest)) return std::nullopt;
    return digest;
}

std::string render_fallback_tag(std::string_view digest) {
    std::string tag(digest);
    std::ranges::replace(tag, ':', '-');
    return tag;
}

}  // namespace lodestone::formats::oci
