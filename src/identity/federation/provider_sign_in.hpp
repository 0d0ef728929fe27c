// Signing in with a provider: OpenID Connect's authorisation code with a proof key (PKCE), state and nonce.
// The browser leaves with begin() and comes back to finish(), which finds out who it is and opens a session.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/context.hpp"
#include "base/task.hpp"
#include "db/database.hpp"
#include "identity/federation/issued_token.hpp"
#include "identity/nouns/identity_provider.hpp"
#include "identity/secrets/sealed.hpp"
#include "identity/secrets/token_mint.hpp"
#include "identity/sign_in/sign_in.hpp"

namespace lodestone::http {
class Client;
}

namespace lodestone::identity {

class IssuerDirectory;
struct IssuerEndpoints;
struct KnownIssuer;

// For Sealer: what a sealed secret is, and whose.
std::string provider_secret_place(const TenantId& tenant, const ProviderId& provider);

struct Departure {
    std::string url;                   // of the provider: where the browser goes
    std::string journey;               // journey_name()
    std::string browser_mark;          // its cookie: who comes back without it is refused
    std::chrono::seconds lifetime{0};  // who comes back later is, too
};

// Which of several journeys of one browser it is, in a few letters; it says nothing of the state.
std::string journey_name(std::string_view state);

// What the browser brings back, as it is.
struct Return {
    std::string state;
    std::string code;
    std::string error;   // why there is no code
    std::string issuer;  // "iss" (RFC 9207), where the provider sends it
    std::string browser_mark;
    std::string goes_on_at;  // where it is finished now, as begin() was told
    Visitor visitor;
};

struct ProviderParts {
    db::Database& database;
    http::Client& client;
    IssuerDirectory& issuers;
    const Sealer& sealer;
    const TokenMint& mint;
    Context& context;
    // Where browsers reach this installation; the only part of the way back that is not made here. Empty: it
    // was not configured, and nobody signs in this way. (Never the request's Host: a client chooses that.)
    std::string public_url;
};

class ProviderSignIn {
  public:
    explicit ProviderSignIn(ProviderParts parts) : parts_(std::move(parts)) {}

    // Whether browsers come over TLS: then their cookies go nowhere else.
    bool is_secure() const { return parts_.public_url.starts_with("https://"); }

    // Both refuse with a Problem: not_found (no such provider), forbidden, bad_upstream.
    // Empty, the sign-in is finished at the return address. Otherwise `goes_on_at` is the path of a page of
    // ours, made by us: the browser is sent on to it, and what is begun with it is finished there and nowhere
    // else.
    Task<Departure> begin(db::Unit unit, TenantId tenant, ProviderId provider, std::string goes_on_at = {});
    // Where a browser goes on that comes back with this state; empty, too, for what is none of this
    // provider's.
    Task<std::string> find_way_on(db::Unit unit, TenantId tenant, ProviderId provider, std::string state);
    // A session of the user, found, linked or made, whom the provider vouches for. The roles are those that
    // the groups of now stand for; the second factor was shown if the provider says so ("amr"). If it does
    // not, and the user has one here, a challenge: it is asked for as after a password.
    Task<SignInOutcome> finish(db::Unit unit, TenantId tenant, ProviderId provider, Return back);

  private:
    struct Exchange;
    std::string return_url(const TenantId& tenant, const ProviderId& provider) const;
    std::string challenge_for(const TenantId& tenant, const KnownAccount& known,
                              const std::string& goes_on_at) const;
    Task<Claims> verify(const Exchange& exchange, std::shared_ptr<const KnownIssuer> known);
    Task<std::string> redeem(const Exchange& exchange, const IssuerEndpoints& endpoints);

    ProviderParts parts_;
};

}  // namespace lodestone::identity
