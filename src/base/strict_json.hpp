// JSON that somebody else wrote and that decides something: a member that stands twice means one thing to one
// reader and another to the next, so such a text is refused, not read.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string_view>

namespace lodestone {

// Either the object or `fault`, a clause about the text: "is not JSON", "has a member twice".
struct StrictJson {
    std::optional<boost::json::object> object;
    std::string_view fault;
};

// One JSON object of UTF-8 (RFC 8259), at most `limit_bytes` long and 32 deep.
StrictJson parse_strict_json(std::string_view text, std::size_t limit_bytes);

}  // namespace lodestone
