// What stands inside one member of a header's list: parts between semicolons, `name=value` pairs, and values
// that may be quoted strings (RFC 9110 §5.6.4–5.6.6).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::http {

struct Parameter {
    std::string_view name;
    std::string value;  // without its quotes and escapes
};

// Divided at each `separator` outside a quoted string; parts are trimmed, and empty ones kept. Of more than
// limits::header_parameters parts only the first ones, and one more to show that there were.
std::vector<std::string_view> split_outside_quotes(std::string_view text, char separator);

// `name=token` or `name="quoted \"string\""`, with nothing before or after; nullopt: malformed.
std::optional<Parameter> parse_parameter(std::string_view text);

}  // namespace lodestone::http
