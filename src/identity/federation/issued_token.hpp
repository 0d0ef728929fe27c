// Tokens that somebody else issued: JSON Web Tokens in compact form (RFC 7519, RFC 7515, RFC 8725). What one
// says is believed only after its issuer's key has vouched for it: nothing but verify() makes Claims, and
// of a token that is only parsed no more can be read than what it takes to find that key.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "identity/federation/issuer_key.hpp"

namespace lodestone::identity {

// What a verified token says.
class Claims {
  public:
    const std::string& issuer() const { return issuer_; }
    const std::string& subject() const { return subject_; }
    Time expires_at() const { return expires_at_; }
    // A text, or a whole number as text.
    std::optional<std::string> text(std::string_view name) const;
    // A list of texts; a text alone is a list of one. Empty for everything else.
    std::vector<std::string> texts(std::string_view name) const;
    // Only for true, and for "true", which some issuers write.
    bool is_true(std::string_view name) const;

  private:
    friend class IssuedToken;
    Claims() = default;
    boost::json::object members_;
    std::string issuer_;
    std::string subject_;
    Time expires_at_{};
};

// What is expected of a token, whose audience must be just this one.
struct TokenRules {
    std::string issuer;
    std::string audience;
    std::optional<std::string> nonce;  // that it must carry
};

// Either claims or `fault`, a clause about the token: "has expired".
struct VerifiedToken {
    std::optional<Claims> claims;
    std::string_view fault;
};

class IssuedToken {
  public:
    // From here on until it is verified: only to find its issuer's keys with, never to decide anything.
    const std::string& claimed_issuer() const { return claimed_issuer_; }
    const std::string& key_id() const { return key_id_; }
    Algorithm algorithm() const { return algorithm_; }

    // `keys`: of rules.issuer and nobody else. Among them "kid" selects; a token without one takes the only
    // key of its algorithm.
    VerifiedToken verify(std::span<const IssuerKey> keys, const TokenRules& rules, Time now) const;

  private:
    friend struct IssuedTokenParser;
    bool is_signed_by(const IssuerKey& key) const;

    std::string claimed_issuer_;
    std::string key_id_;
    Algorithm algorithm_ = Algorithm::rs256;
    std::string signed_text_;
    std::string signature_;
    boost::json::object payload_;
};

// Either a token or `fault`, a clause about the text.
struct IssuedTokenResult {
    std::optional<IssuedToken> token;
    std::string_view fault;
};
IssuedTokenResult parse_issued_token(std::string_view text);

}  // namespace lodestone::identity
