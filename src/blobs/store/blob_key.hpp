// The name of one stored copy of bytes: their digest, and a number of its own. A copy that is stored anew
// never has the name of one that is being removed, so the two cannot meet.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/number_id.hpp"

namespace lodestone::blobs {

struct Blob;
using BlobId = NumberId<Blob>;

struct BlobKey {
    Sha256 sha256{};
    BlobId id;
    auto operator<=>(const BlobKey&) const = default;
};

// "ab/<sha256>-<id>", all lower-case hexadecimal; nothing of it is a client's word.
std::string render_blob_key(const BlobKey& key);
// Takes exactly what render_blob_key() writes.
std::optional<BlobKey> parse_blob_key(std::string_view text);

// 64 lower-case hexadecimal digits.
std::optional<Sha256> parse_sha256(std::string_view text);

}  // namespace lodestone::blobs
