// Fallback tags: where a registry knows no referrers, clients keep the list of an image's signatures and the
// like in an index under a tag made of the image's digest, "sha256-<hex>". What that index lists, pushed by
// old clients or come from old registries, is listed among the referrers, too. Nothing is noted of it besides
// what is of every index: the tag says which one counts.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lodestone::formats::oci {

// The digest of the subject that such a tag is about; nothing for any other tag.
std::optional<std::string> parse_fallback_tag(std::string_view tag);

// The tag that is about a digest; too long to be one where that is a sha512.
std::string render_fallback_tag(std::string_view digest);

}  // namespace lodestone::formats::oci
