// The text of a JSON document, made into values with the strictness that a request's body needs: bounded
// depth, no duplicate names, nothing behind the end, and UTF-8 throughout.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace lodestone::api {

// Throws Problem(malformed_request): for a name that an object has twice with the pointer to it.
boost::json::value parse_json_body(std::string_view text);

// Appends one more step to a JSON pointer (RFC 6901).
void append_pointer(std::string& pointer, std::string_view name);

}  // namespace lodestone::api
