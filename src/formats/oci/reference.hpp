// What images, their versions and their parts are called: https://github.com/opencontainers/distribution-spec
// "Pulling manifests". Pure: text in, structs out.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/digest.hpp"
#include "base/resumable_digest.hpp"

namespace lodestone::formats::oci {

// "library/nginx": lower-case components of letters and digits with . _ __ - between them, joined by '/'.
bool is_image_name(std::string_view text);
// A letter, digit or '_', then up to 127 of these and '.' and '-'.
bool is_tag(std::string_view text);

// What bytes are called: "sha256:<hex>" or "sha512:<hex>".
struct ContentDigest {
    DigestKind kind = DigestKind::sha256;
    std::string bytes;
    auto operator<=>(const ContentDigest&) const = default;
    // Of one that is such.
    Sha256 sha256() const;
};
// Nothing for another algorithm, capitals, or a wrong length: one digest has one spelling.
std::optional<ContentDigest> parse_content_digest(std::string_view text);
std::string render_content_digest(const ContentDigest& digest);
std::string render_sha256_digest(const Sha256& sha256);

// What stands behind manifests/: a tag, or the digest of a manifest.
struct Reference {
    std::string text;                     // as it was written
    std::optional<ContentDigest> digest;  // absent: the text is a tag
};
// Nothing for what is neither.
std::optional<Reference> parse_reference(std::string_view text);

// "0-1023" of an upload's Content-Range: both ends belong to it.
struct Chunk {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t size_bytes() const { return last - first + 1; }
    bool operator==(const Chunk&) const = default;
};
// Takes "bytes 0-1023/2048" and "bytes=0-1023" too, as some clients write it. Nothing for what is none.
std::optional<Chunk> parse_chunk(std::string_view text);

}  // namespace lodestone::formats::oci
