// Trusted publishing: a pipeline shows the token that its forge signed for this very run, and gets a key for
// some minutes. No secret is stored anywhere, and each token is good once.
#pragma once

#include <optional>
#include <string>

#include "base/task.hpp"
#include "db/database.hpp"
#include "identity/federation/issued_token.hpp"
#include "identity/nouns/key.hpp"
#include "identity/nouns/trusted_publisher.hpp"

namespace lodestone::identity {

class IssuerDirectory;

// Where a token says that it comes from; what its forge does not say is empty.
struct PipelineOrigin {
    std::string repository;
    std::string repository_id;
    std::string owner_id;
    std::string workflow;
    std::string environment;
};
PipelineOrigin read_origin(const Claims& claims, Forge forge);
bool is_from(const PipelineOrigin& origin, const TrustedPublisher& publisher);

struct TokenExchange {
    TenantId tenant;
    std::string token;
    std::optional<AppId> app;  // needed only when the pipeline publishes for several
    // What the token has to be for where a protocol's clients ask their forge for something else than the
    // installation's address, such as "npm:" and its host; empty: that address.
    std::string audience = {};
};

struct ExchangedKey {
    IssuedKey issued;
    PublisherId publisher;
};

class TrustedPublishing {
  public:
    // `audience`: what tokens must be made for: the address that this installation is reached by. Empty: none
    // was configured, and every exchange is refused.
    TrustedPublishing(db::Database& database, IssuerDirectory& issuers, const TokenMint& mint,
                      const Clock& clock, std::string audience);

    // Refuses with a Problem: unauthenticated (the token, or nobody trusts its issuer), forbidden (it is
    // real, but no publisher is for it), invalid_input (several are: name the app), bad_upstream.
    Task<ExchangedKey> exchange(db::Unit unit, TokenExchange wanted);

    // Where a client asked that knows no tenant: `wanted.tenant` if that trusts the pipeline, or if nobody
    // does, so that exchange() says why; else the one tenant that does. Refuses a token that is none, and
    // (invalid_input) where several other tenants do. Spends nothing.
    Task<TenantId> find_tenant(const db::Unit& unit, const TokenExchange& wanted);

  private:
    // Of an issuer that somebody has configured.
    Task<Claims> check_token(const IssuedToken& token, const std::string& issuer,
                             const TokenExchange& wanted);
    IssuedToken need_token(const TokenExchange& wanted) const;
    Task<TrustedPublisher> verify(const db::Unit& unit, const TokenExchange& wanted,
                                  std::optional<Claims>& claims);
    ExchangedKey issue(db::Tx& tx, const TenantId& tenant, const TrustedPublisher& publisher,
                       const Claims& claims) const;

    db::Database& database_;
    IssuerDirectory& issuers_;
    const TokenMint& mint_;
    const Clock& clock_;
    const std::string audience_;
};

}  // namespace lodestone::identity
