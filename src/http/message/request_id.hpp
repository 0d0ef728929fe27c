// The id that ties an answer to its log line: the client's own if it is harmless, else one of ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace lodestone::http {

// 1 to limits::request_id_bytes of letters, digits, '.', '_' and '-': safe in logs, headers and URLs.
bool is_request_id(std::string_view text);

// The X-Request-Id that came, if it is one; otherwise 32 random hexadecimal digits.
std::string make_request_id(std::optional<std::string_view> received, Random& random);

}  // namespace lodestone::http
