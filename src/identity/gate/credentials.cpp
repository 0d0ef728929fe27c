// Reading credentials: every header that can hold one, and every field of that name.
#include "identity/gate/credentials.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/limits.hpp"
#include "http/message/characters.hpp"

namespace lodestone::identity {

namespace {

constexpr std::array<std::string_view, 3> key_headers{"x-api-key", "x-nuget-apikey", "x-authorization"};

struct Scheme {
    std::string_view name;
    std::string_view rest;
};

// "Bearer x" has a scheme; "x" has none.
std::optional<Scheme> split_scheme(std::string_view value) {
    const std::size_t space = value.find(' ');
    if (space == value.npos) return std::nullopt;
    return Scheme{value.substr(0, space), http::trim_whitespace(value.substr(space))};
}

std::optional<std::string> find_basic_password(std::string_view encoded) {
    std::string decoded(encoded.size(), '\0');
    const int variant = encoded.ends_with('=') || encoded.size() % 4 == 0
                            ? sodium_base64_VARIANT_ORIGINAL
                            : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(decoded.data()), decoded.size(), encoded.data(),
                          encoded.size(), nullptr, &size, &end, variant) != 0 ||
        end != encoded.data() + encoded.size())
        return std::nullopt;
    decoded.resize(size);
    const std::size_t colon = decoded.find(':');
    if (colon == decoded.npos) return std::nullopt;
    return decoded.substr(colon + 1);
}

// A key, or whatever somebody takes for one: one word that can be seen.
bool is_word(std::string_view text) {
    return !text.empty() && text.size() <= limits::credential_bytes &&
           http::is_all(text, http::character::visible);
}

void note(ShownCredential& shown, std::optional<std::string_view> text, bool is_bearer) {
    using State = ShownCredential::State;
    if (shown.state == State::contradictory) return;
    if (!text || !is_word(*text)) {
        shown = {.state = State::unreadable, .text = {}, .is_bearer = false};
    } else if (shown.state == State::none) {
        shown = {.state = State::one, .text = std::string(*text), .is_bearer = is_bearer};
    } else if (shown.state == State::one && shown.text != *text) {
        shown = {.state = State::contradictory, .text = {}, .is_bearer = false};
    } else if (shown.state == State::one) {
        shown.is_bearer = shown.is_bearer || is_bearer;
    }
}

void note_authorization(ShownCredential& shown, std::string_view value) {
    const auto scheme = split_scheme(value);
    if (!scheme) {
        const bool is_empty_scheme =
            http::equals_ignoring_case(value, "bearer") || http::equals_ignoring_case(value, "basic");
        return note(shown, is_empty_scheme ? std::string_view() : value, false);
    }
    if (http::equals_ignoring_case(scheme->name, "bearer")) return note(shown, scheme->rest, true);
    if (http::equals_ignoring_case(scheme->name, "basic")) {
        const std::optional<std::string> password = find_basic_password(scheme->rest);
        return note(shown, password, false);
    }
    note(shown, std::nullopt, false);
}

void note_key_header(ShownCredential& shown, std::string_view value) {
    const auto scheme = split_scheme(value);
    if (scheme && http::equals_ignoring_case(scheme->name, "bearer")) value = scheme->rest;
    note(shown, value, false);
}

}  // namespace

ShownCredential parse_credentials(const http::ReceivedHeaders& headers) {
    ShownCredential shown;
    for (const http::HeaderField& field : headers) {
        if (http::equals_ignoring_case(field.name, "authorization"))
            note_authorization(shown, http::trim_whitespace(field.value));
        else if (std::ranges::any_of(key_headers, [&](std::string_view name) {
                     return http::equals_ignoring_case(field.name, name);
                 }))
            note_key_header(shown, http::trim_whitespace(field.value));
    }
    return shown;
}

}  // namespace lodestone::identity
