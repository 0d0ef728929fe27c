// The parts of this room together, as the program has them once: whom we ask, and what follows from their
// answers.
#pragma once

#include <string>

#include "identity/federation/issuer_directory.hpp"
#include "identity/federation/provider_sign_in.hpp"
#include "identity/federation/trusted_publishing.hpp"

namespace lodestone::identity {

struct Federation {
    // `context` has a database. Destroyed like an IssuerDirectory, before `client`.
    Federation(Context& context, http::Client& client, const Sealer& sealer, const TokenMint& mint,
               const std::string& public_url)
        : sealer(sealer),
          issuers(client, context),
          publishing(*context.database, issuers, mint, context.clock, public_url),
          sign_in({.database = *context.database,
                   .client = client,
                   .issuers = issuers,
                   .sealer = sealer,
                   .mint = mint,
                   .context = context,
                   .public_url = public_url}) {}

    const Sealer& sealer;  // for secrets of providers
    IssuerDirectory issuers;
    TrustedPublishing publishing;
    ProviderSignIn sign_in;
};

}  // namespace lodestone::identity
