// Fallback tags: where a registry knows no referrers, clients keep the list of an image's signatures and the
// like in an index under a tag made of the image's digest, "sha256-<hex>". What is pushed under such a tag,
// by old clients or from old registries, is listed among the referrers, too.
// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#referrers-tag-schema
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/tx.hpp"
#include "formats/oci/manifest.hpp"
#include "packages/ids.hpp"

namespace lodestone::formats::oci {

// The digest of the subject that such a tag is about; nothing for any other tag.
std::optional<std::string> parse_fallback_tag(std::string_view tag);

// The tag is about to be moved or has gone: what is listed under it is no referrer by that any more.
void forget_listed(db::Tx& tx, const packages::PackagePlace& place, std::string_view tag);
// The tag names this manifest now.
void note_listed(db::Tx& tx, const packages::PackagePlace& place, std::string_view tag,
                 const Manifest& manifest);

}  // namespace lodestone::formats::oci
