// Scopes taken apart at their colons, spaces and commas.
#include "formats/oci/token_scope.hpp"

#include <algorithm>

#include "base/image_limits.hpp"

namespace lodestone::formats::oci {

namespace {

bool is_action(std::string_view text) {
    return text == "*" ||
           (!text.empty() && std::ranges::all_of(text, [](char c) { return c >= 'a' && c <= 'z'; }));
}

// The part before `mark`; `text` keeps what stands behind it.
std::string_view take_until(std::string_view& text, char mark) {
    const auto at = text.find(mark);
    const std::string_view part = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return part;
}

}  // namespace

std::optional<TokenScope> parse_token_scope(std::string_view text) {
    const auto first = text.find(':');
    const auto last = text.rfind(':');
    if (first == std::string_view::npos || first == last) return std::nullopt;
    TokenScope scope{.type = std::string(text.substr(0, first)),
                     .name = std::string(text.substr(first + 1, last - first - 1)),
                     .actions = {}};
    // "repository(plugin)": a class of repositories, which nobody tells apart any more.
    scope.type = scope.type.substr(0, scope.type.find('('));
    for (std::string_view rest = text.substr(last + 1); !rest.empty();) {
        const std::string_view action = take_until(rest, ',');
        if (!is_action(action)) return std::nullopt;
        if (std::ranges::count(scope.actions, action) == 0) scope.actions.emplace_back(action);
    }
    if (scope.type.empty() || scope.name.empty() || scope.actions.empty()) return std::nullopt;
    return scope;
}

std::vector<TokenScope> parse_token_scopes(std::string_view text) {
    std::vector<TokenScope> scopes;
    while (!text.empty() && scopes.size() < limits::token_scopes)
        if (auto scope = parse_token_scope(take_until(text, ' '))) scopes.push_back(*std::move(scope));
    return scopes;
}

}  // namespace lodestone::formats::oci
