// Before a route is found and whatever becomes of the request: nothing here refuses.
#include "app/serving/shown_path.hpp"

#include "base/hex.hpp"
#include "identity/secrets/token_text.hpp"

namespace lodestone::app {

namespace {

constexpr std::size_t least_token_bytes = 57;  // no token is shorter: "hf_" and 54 characters

// What is no escape stands for itself.
std::string decode(std::string_view raw) {
    std::string text;
    text.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const bool is_escape =
            raw[i] == '%' && i + 2 < raw.size() && hex_value(raw[i + 1]) >= 0 && hex_value(raw[i + 2]) >= 0;
        text += is_escape ? static_cast<char>(hex_value(raw[i + 1]) << 4 | hex_value(raw[i + 2])) : raw[i];
        if (is_escape) i += 2;
    }
    return text;
}

// An escaped slash parts texts as well.
bool has_token(std::string_view segment) {
    if (segment.size() < least_token_bytes) return false;
    const std::string decoded = decode(segment);
    for (std::string_view rest = decoded;;) {
        const std::size_t slash = rest.find('/');
        if (identity::parse_token(rest.substr(0, slash))) return true;
        if (slash == rest.npos) return false;
        rest.remove_prefix(slash + 1);
    }
}

}  // namespace

std::optional<std::string> mask_tokens(std::string_view raw_path) {
    if (raw_path.size() < least_token_bytes) return std::nullopt;
    std::string masked;
    bool is_any_masked = false;
    for (std::string_view rest = raw_path;;) {
        const std::size_t slash = rest.find('/');
        const std::string_view segment = rest.substr(0, slash);
        const bool is_token = has_token(segment);
        is_any_masked = is_any_masked || is_token;
        masked += is_token ? "***" : segment;
        if (slash == rest.npos) break;
        masked += '/';
        rest.remove_prefix(slash + 1);
    }
    return is_any_masked ? std::optional(std::move(masked)) : std::nullopt;
}

}  // namespace lodestone::app
