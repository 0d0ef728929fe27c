// Tokens that are made at a shell: keys and reset links, as good as those that the server makes, because they
// are hashed with its pepper.
#pragma once

#include "app/commands/admin_target.hpp"
#include "identity/secrets/keyed_hash.hpp"
#include "identity/secrets/token_mint.hpp"

namespace lodestone::app {

class Minting {
  public:
    // Refuses where there is no pepper: a new one would make tokens that no server takes.
    explicit Minting(AdminTarget& target);
    const identity::TokenMint& mint() const { return mint_; }

  private:
    identity::KeyedHash hasher_;
    identity::TokenMint mint_;
};

}  // namespace lodestone::app
