// What a client asks a token for: "repository:acme/images/web:pull,push".
// https://distribution.github.io/distribution/spec/auth/scope/
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::formats::oci {

struct TokenScope {
    std::string type;                  // "repository", "registry"
    std::string name;                  // "acme/images/web", "catalog"
    std::vector<std::string> actions;  // "pull", "push", "delete", "*"
    bool operator==(const TokenScope&) const = default;
};

// Nothing for what is none. Names may hold colons (a port before the first slash), so actions begin at the
// last.
std::optional<TokenScope> parse_token_scope(std::string_view text);

// Those of a parameter, which may hold several with spaces between; what is none is passed over, as the
// specification wants: whoever asks gets less than asked for, never an error.
std::vector<TokenScope> parse_token_scopes(std::string_view text);

}  // namespace lodestone::formats::oci
