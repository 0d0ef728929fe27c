// Limits on images: how they are called, what their manifests may hold, how much is told at once.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

inline constexpr std::size_t image_name_bytes = 255;  // within its repository
inline constexpr std::size_t image_tag_bytes = 128;
inline constexpr std::size_t manifest_bytes = 8 * mib;
inline constexpr std::size_t manifest_descriptors = 10'000;  // of one list in a manifest
inline constexpr std::size_t manifest_facts = 500;           // of one list, that are kept as facts
inline constexpr std::size_t manifest_fact_bytes = 1 * kib;  // of one text among them
// Annotations and labels are kept whole or not at all: part of a signature is none.
inline constexpr std::size_t manifest_annotation_bytes = 16 * kib;    // of one, with its name
inline constexpr std::size_t manifest_annotations_bytes = 128 * kib;  // of all together
inline constexpr std::size_t image_config_bytes = 1 * mib;  // a larger one is stored, and not looked into
inline constexpr std::uint64_t image_blob_bytes = 1024 * gib;
// A body that says that it has no more is taken into memory whole: less than what a draft takes while it
// comes.
inline constexpr std::uint64_t small_blob_bytes = 64 * kib;
// Of a body that streams in: so much is lost at most when the connection breaks.
inline constexpr std::uint64_t upload_note_bytes = 256 * mib;

inline constexpr std::size_t token_scopes = 16;  // of one request for a token
inline constexpr std::size_t token_form_bytes = 16 * kib;
inline constexpr std::int64_t listed_names = 1'000;  // tags, or images, of one page
// Looked at for one page of the catalogue, whatever of that may be seen.
inline constexpr std::int64_t catalog_repositories = 20'000;
inline constexpr std::int64_t catalog_images = 20'000;
inline constexpr std::int64_t listed_referrers = 200;  // of one page
inline constexpr std::size_t listed_referrers_bytes = 4 * mib;
inline constexpr std::int64_t referrers_at_once = 8;  // their facts are in memory together
inline constexpr std::size_t warning_bytes = 1 * kib;

}  // namespace lodestone::limits
