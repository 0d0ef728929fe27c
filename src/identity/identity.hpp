// Identity as the rest of the program has it: its parts, which live as long as the program. Handlers reach it
// as context.identity.
#pragma once

#include "base/context.hpp"
#include "identity/gate/gate.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::identity {

struct Federation;

struct IdentityOptions {
    VaultOptions vault;
    GateOptions gate;
};

struct Identity {
    // The context's database is there before, or there is none. Listens to the database's writes.
    Identity(Context& context, IdentityOptions options);

    // While loops and database still run: nobody waits for anything of ours afterwards.
    void stop();

    Vault vault;
    Gate gate;
    // Other people's identities; null where nothing can be asked of others: commands, and tests.
    Federation* federation = nullptr;
};

}  // namespace lodestone::identity
