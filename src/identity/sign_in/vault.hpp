// What the program keeps to check who somebody is: the keys of its hashes and seals, the threads that hash
// passwords, the memory of failures and of the uses of keys. One for the whole program; all of it may be used
// from every thread.
#pragma once

#include <string>
#include <vector>

#include "identity/secrets/keyed_hash.hpp"
#include "identity/secrets/password_threads.hpp"
#include "identity/secrets/sealed.hpp"
#include "identity/secrets/signing_key.hpp"
#include "identity/secrets/token_mint.hpp"
#include "identity/sign_in/key_uses.hpp"
#include "identity/sign_in/throttle.hpp"

namespace lodestone::identity {

struct VaultOptions {
    std::string pepper;  // the same on all nodes, for ever
    // The newest first. Behind them stands one that is made from the pepper: it seals where there is no
    // other.
    std::vector<std::string> sealing_keys;
    PasswordCost password_cost;
};

struct Vault {
    // `random` as SystemRandom: safe from every thread.
    Vault(const VaultOptions& options, const Clock& time, Random& random)
        : clock(time),
          hasher(options.pepper),
          sealer(sealing_secrets(options)),
          signing_keys(hasher),
          mint(hasher, time, random),
          throttle(time),
          key_uses(time),
          passwords(options.password_cost) {}

    const Clock& clock;
    const KeyedHash hasher;
    const Sealer sealer;
    const SigningKeys signing_keys;
    const TokenMint mint;
    Throttle throttle;
    KeyUses key_uses;
    PasswordThreads passwords;  // stop() while the loops of those who wait still exist

  private:
    static std::vector<std::string> sealing_secrets(const VaultOptions& options) {
        std::vector<std::string> secrets = options.sealing_keys;
        secrets.push_back(options.pepper);
        return secrets;
    }
};

}  // namespace lodestone::identity
