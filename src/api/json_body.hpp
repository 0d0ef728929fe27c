// The text of a request's body as JSON, read strictly (base/strict_json.hpp).
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

namespace lodestone::api {

// Throws Problem(malformed_request): for a name that an object has twice with the pointer to it.
boost::json::value parse_json_body(std::string_view text);

}  // namespace lodestone::api
