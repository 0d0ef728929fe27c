// Where new tokens and the ids of what they stand for come from: chance, the clock, and the hash that is
// kept.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "base/random.hpp"
#include "identity/secrets/keyed_hash.hpp"
#include "identity/secrets/token_text.hpp"

namespace lodestone::identity {

struct MintedToken {
    std::string text;  // for whoever asked; kept nowhere
    std::string public_id;
    std::string hash;
};

// Safe from every thread when its Random is, as the program's is.
class TokenMint {
  public:
    TokenMint(const KeyedHash& hasher, const Clock& clock, Random& random)
        : hasher_(hasher), clock_(clock), random_(random) {}

    MintedToken mint(TokenKind kind, KeyEnvironment environment = KeyEnvironment::live) const {
        const TokenText token = make_token(kind, random_, environment);
        return {.text = render_token(token), .public_id = token.public_id, .hash = hasher_.hash(token)};
    }
    template <class IdType>
    IdType make_id() const {
        return lodestone::make_id<IdType>(clock_, random_);
    }

    const KeyedHash& hasher() const { return hasher_; }
    Random& random() const { return random_; }

  private:
    const KeyedHash& hasher_;
    const Clock& clock_;
    Random& random_;
};

}  // namespace lodestone::identity
