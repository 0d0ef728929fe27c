// Recovery codes in Crockford's base 32. https://www.crockford.com/base32.html
#include "identity/secrets/recovery_code.hpp"

#include <array>

#include "base/limits.hpp"

namespace lodestone::identity {

namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t characters = 16;
constexpr std::size_t group = 4;

std::string with_hyphens(std::string_view plain) {
    std::string code;
    for (std::size_t at = 0; at < plain.size(); ++at) {
        if (at > 0 && at % group == 0) code += '-';
        code += plain[at];
    }
    return code;
}

// The character that was meant.
char unmistaken(char c) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == 'o') return '0';
    return c == 'i' || c == 'l' ? '1' : c;
}

}  // namespace

std::string make_recovery_code(Random& random) {
    std::array<std::uint8_t, characters> bytes{};
    random.fill(bytes);
    std::string plain;
    for (const std::uint8_t byte : bytes) plain += alphabet[byte % alphabet.size()];
    return with_hyphens(plain);
}

std::vector<std::string> make_recovery_codes(Random& random) {
    std::vector<std::string> codes;
    while (codes.size() < limits::recovery_codes) codes.push_back(make_recovery_code(random));
    return codes;
}

std::optional<std::string> parse_recovery_code(std::string_view text) {
    std::string plain;
    for (const char c : text) {
        if (c == '-' || c == ' ') continue;
        const char meant = unmistaken(c);
        if (alphabet.find(meant) == std::string_view::npos || plain.size() == characters) return std::nullopt;
        plain += meant;
    }
    if (plain.size() != characters) return std::nullopt;
    return with_hyphens(plain);
}

}  // namespace lodestone::identity
