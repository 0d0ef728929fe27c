// JSON that somebody else wrote and that decides something: a member that stands twice means one thing to one
// reader and another to the next, so such a text is refused, not read. Bodies of requests and what providers
// say are both read here.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone {

enum class JsonFault : std::uint8_t { none, no_json, too_deep, member_twice };

struct StrictValue {
    std::optional<boost::json::value> value;  // unless there is a fault
    JsonFault fault = JsonFault::none;
    std::string where;  // of a member that stands twice: its pointer (RFC 6901); of what is no JSON, in words
};

// One JSON value of UTF-8 (RFC 8259) with nothing behind it, at most so many levels deep.
StrictValue parse_strict_value(std::string_view text, std::size_t max_depth);

// Either the object or `fault`, a clause about the text: "is not JSON", "has a member twice".
struct StrictJson {
    std::optional<boost::json::object> object;
    std::string_view fault;
};

// One JSON object, at most `limit_bytes` long and 32 levels deep.
StrictJson parse_strict_json(std::string_view text, std::size_t limit_bytes);

// Appends one more step to a JSON pointer; a long name is cut.
void append_pointer(std::string& pointer, std::string_view name);

}  // namespace lodestone
