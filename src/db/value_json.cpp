// JSON that both engines read back as the same values.
#include "db/value_json.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "base/ensure.hpp"
#include "base/json_text.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"

namespace lodestone::db {

namespace {

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_text(std::string& out, std::string_view text) {
    if (!is_utf8(text) || text.find('\0') != std::string_view::npos)
        throw Problem(problems::invalid_input, "A text holds bytes that are not UTF-8, or a NUL character.");
    append_json_string(out, text);
}

}  // namespace

void append_json(std::string& out, const Value& value) {
    switch (value.kind) {
        case Kind::null: out += "null"; return;
        case Kind::boolean: out += value.integer != 0 ? "true" : "false"; return;
        case Kind::integer: append_number(out, value.integer); return;
        case Kind::real:
            ensure(std::isfinite(value.real), "JSON has only finite numbers");
            append_number(out, value.real);
            return;
        case Kind::text: append_text(out, value.text); return;
        case Kind::bytes: break;
    }
    fail_ensure("bytes have no JSON form", std::source_location::current());
}

}  // namespace lodestone::db
