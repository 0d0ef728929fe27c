// Parameters and quoted strings, as Accept, Accept-Encoding and Forwarded write them.
#include "http/message/parameters.hpp"

#include "base/limits.hpp"
#include "http/message/characters.hpp"
#include "http/message/headers.hpp"

namespace lodestone::http {

namespace {

std::optional<std::string> unquote(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    if (!is_all(text, character::field)) return std::nullopt;
    std::string value;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') return std::nullopt;
        if (text[i] == '\\' && ++i == text.size()) return std::nullopt;
        value += text[i];
    }
    return value;
}

}  // namespace

std::vector<std::string_view> split_outside_quotes(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    bool is_quoted = false;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_quoted && text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            is_quoted = !is_quoted;
        } else if (text[i] == separator && !is_quoted) {
            parts.push_back(trim_whitespace(text.substr(start, i - start)));
            if (parts.size() > limits::header_parameters) return parts;
            start = i + 1;
        }
    }
    parts.push_back(trim_whitespace(text.substr(start)));
    return parts;
}

std::optional<Parameter> parse_parameter(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || !is_token(text.substr(0, equals))) return std::nullopt;
    Parameter parameter{text.substr(0, equals), {}};
    const auto value = text.substr(equals + 1);
    if (is_token(value)) {
        parameter.value = value;
        return parameter;
    }
    auto unquoted = unquote(value);
    if (!unquoted) return std::nullopt;
    parameter.value = *std::move(unquoted);
    return parameter;
}

}  // namespace lodestone::http
