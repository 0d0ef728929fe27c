// Bytes as text for URLs (RFC 4648, section 5), without padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lodestone {

std::string render_base64url(std::string_view bytes);
// Takes exactly what render_base64url() writes: no padding, no line breaks, no other spelling of the same
// bytes.
std::optional<std::string> parse_base64url(std::string_view text);

}  // namespace lodestone
