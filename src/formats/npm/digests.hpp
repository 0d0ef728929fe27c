// Digests as npm writes them.
#pragma once

#include <string>
#include <string_view>

#include "blobs/store/digests.hpp"

namespace lodestone::formats::npm {

// With padding (RFC 4648, section 4).
std::string render_base64(std::string_view bytes);

// "sha512-" and base64, of what has that digest.
std::string render_integrity(const blobs::Digests& digests);
// SHA-1 in hexadecimal.
std::string render_shasum(const blobs::Digests& digests);

// Whether what somebody says (https://www.w3.org/TR/SRI/) fits the bytes: of several digests those that are
// known here. True for nothing.
bool is_integrity_of(std::string_view said, const blobs::Digests& digests);

}  // namespace lodestone::formats::npm
