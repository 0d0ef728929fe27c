// The form first, then the signature, then what the token says.
#include "identity/federation/issued_token.hpp"

#include <algorithm>
#include <cmath>

#include "base/base64url.hpp"
#include "base/fold_case.hpp"
#include "base/limits.hpp"
#include "base/strict_json.hpp"

namespace lodestone::identity {

namespace {

namespace json = boost::json;

std::string_view text_of(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

// Seconds since 1970, whole or not (RFC 7519's NumericDate), before the year 9999.
std::optional<Time> time_of(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const auto seconds = value->to_number<double>();
    if (!std::isfinite(seconds) || seconds < 0 || seconds > 253'402'300'799.0) return std::nullopt;
    return Time{std::chrono::microseconds{std::llround(seconds * 1e6)}};
}

// Nothing unless there is exactly one.
std::optional<std::string_view> only_audience(const json::object& payload) {
    const json::value* value = payload.if_contains("aud");
    if (value != nullptr && value->is_array() && value->get_array().size() == 1)
        value = &value->get_array().front();
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string());
}

std::string_view find_time_fault(const json::object& payload, Time now) {
    const auto expires_at = time_of(payload, "exp");
    const auto issued_at = time_of(payload, "iat");
    if (!expires_at || !issued_at) return "does not say when it was issued and when it expires";
    if (now >= *expires_at + limits::token_skew) return "has expired";
    if (now < *issued_at - limits::token_skew) return "was issued in the future";
    if (*expires_at <= *issued_at || *expires_at - *issued_at > limits::token_lifetime)
        return "is valid for longer than a day, or for no time at all";
    if (!payload.contains("nbf")) return {};
    const auto begins_at = time_of(payload, "nbf");
    if (!begins_at || now < *begins_at - limits::token_skew) return "is not valid yet";
    return {};
}

std::string_view find_claim_fault(const json::object& payload, const TokenRules& rules, Time now) {
    if (text_of(payload, "iss") != rules.issuer) return "is from another issuer";
    const auto audience = only_audience(payload);
    if (!audience) return "is not for exactly one audience";
    if (*audience != rules.audience) return "is for another audience";
    if (payload.contains("azp") && text_of(payload, "azp") != rules.audience && rules.nonce)
        return "was issued to another client";
    if (text_of(payload, "sub").empty()) return "does not say who it is about";
    if (rules.nonce && text_of(payload, "nonce") != *rules.nonce) return "does not belong to this sign-in";
    return find_time_fault(payload, now);
}

}  // namespace

// Fills what only a parser may.
struct IssuedTokenParser {
    static IssuedTokenResult parse(std::string_view text) {
        if (text.size() > limits::issued_token_bytes) return {{}, "is too long"};
        const auto first = text.find('.');
        const auto second = first == text.npos ? first : text.find('.', first + 1);
        if (second == text.npos || text.find('.', second + 1) != text.npos)
            return {{}, "is not a signed JSON Web Token in three parts"};
        const auto header_text = parse_base64url(text.substr(0, first));
        const auto payload_text = parse_base64url(text.substr(first + 1, second - first - 1));
        auto signature = parse_base64url(text.substr(second + 1));
        if (!header_text || !payload_text || !signature) return {{}, "is not base64url"};
        if (signature->empty()) return {{}, "is not signed"};
        const StrictJson header = parse_strict_json(*header_text, limits::issued_token_bytes);
        StrictJson payload = parse_strict_json(*payload_text, limits::issued_token_bytes);
        if (!header.object) return {{}, header.fault};
        if (!payload.object) return {{}, payload.fault};

        IssuedToken token;
        if (const auto fault = read_header(*header.object, token); !fault.empty()) return {{}, fault};
        token.claimed_issuer_ = text_of(*payload.object, "iss");
        token.signed_text_ = text.substr(0, second);
        token.signature_ = *std::move(signature);
        token.payload_ = *std::move(payload.object);
        return {std::move(token), {}};
    }

    // Keys and addresses of keys that the header brings along (jwk, jku, x5c, x5u) are not looked at.
    static std::string_view read_header(const json::object& header, IssuedToken& token) {
        const auto algorithm = find_algorithm(text_of(header, "alg"));
        if (!algorithm) return "is not signed with RS256, ES256 or EdDSA";
        if (header.contains("crit") || header.contains("b64"))
            return "asks for extensions that are not known";
        if (header.contains("typ") && fold_case(text_of(header, "typ")) != "jwt")
            return "is a token of another type";
        if (text_of(header, "kid").size() > limits::key_id_bytes) return "names its key with too long a name";
        token.algorithm_ = *algorithm;
        token.key_id_ = text_of(header, "kid");
        return {};
    }
};

IssuedTokenResult parse_issued_token(std::string_view text) {
    return IssuedTokenParser::parse(text);
}

bool IssuedToken::is_signed_by(const IssuerKey& key) const {
    return has_signed(key, signed_text_, signature_);
}

VerifiedToken IssuedToken::verify(std::span<const IssuerKey> keys, const TokenRules& rules, Time now) const {
    std::vector<const IssuerKey*> candidates;
    for (const IssuerKey& key : keys)
        if (key.algorithm == algorithm_ && (key_id_.empty() || key.id == key_id_)) candidates.push_back(&key);
    if (candidates.empty()) return {{}, "is signed with a key that its issuer does not publish"};
    if (key_id_.empty() && candidates.size() > 1) return {{}, "does not name its key"};
    if (std::ranges::none_of(candidates, [this](const IssuerKey* key) { return is_signed_by(*key); }))
        return {{}, "has a wrong signature"};
    if (const auto fault = find_claim_fault(payload_, rules, now); !fault.empty()) return {{}, fault};
    Claims claims;
    claims.members_ = payload_;
    claims.issuer_ = rules.issuer;
    claims.subject_ = text_of(payload_, "sub");
    claims.expires_at_ = time_of(payload_, "exp").value();
    return {std::move(claims), {}};
}

std::optional<std::string> Claims::text(std::string_view name) const {
    const json::value* const value = members_.if_contains(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return std::string(value->get_string());
    if (value->is_int64()) return std::to_string(value->get_int64());
    if (value->is_uint64()) return std::to_string(value->get_uint64());
    return std::nullopt;
}

std::vector<std::string> Claims::texts(std::string_view name) const {
    const json::value* const value = members_.if_contains(name);
    if (value == nullptr) return {};
    if (value->is_string()) return {std::string(value->get_string())};
    std::vector<std::string> found;
    if (!value->is_array()) return found;
    for (const json::value& item : value->get_array())
        if (item.is_string()) found.emplace_back(item.get_string());
    return found;
}

bool Claims::is_true(std::string_view name) const {
    const json::value* const value = members_.if_contains(name);
    return value != nullptr && ((value->is_bool() && value->get_bool()) || text(name) == "true");
}

}  // namespace lodestone::identity
