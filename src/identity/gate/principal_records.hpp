// Who stands behind a key or a session, as the database has it at one moment: whose it is, whether all that
// it hangs on is well, and what roles and policies give. One transaction of two or three statements; what
// comes of it is kept (principal_cache.hpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/turnstile.hpp"
#include "db/tx.hpp"
#include "http/message/network.hpp"
#include "identity/rules/principal.hpp"
#include "identity/rules/rights.hpp"
#include "identity/secrets/token_text.hpp"

namespace lodestone::identity {

// Why a credential that is known is good for nothing.
enum class Standing : std::uint8_t {
    good,
    revoked,           // it itself
    gone,              // its tenant, user or app was deleted
    tenant_suspended,  // … or suspended
    user_suspended,
    app_suspended,
    method_refused,  // its tenant lets nobody in this way
    broken,          // what is stored of it cannot be read
};

// Never changed once it is kept: many requests share it.
struct KnownCredential {
    std::string secret_hash;
    Standing standing = Standing::good;
    Time expires_at{};
    Time ticket_expires_at = Time::max();  // of the ticket that stood for it, if one did
    std::vector<http::Network> networks;   // none: from everywhere
    std::vector<std::string> origins;      // of web pages that may use it; none: every one
    struct NamedPace {
        std::string_view whose;  // for people
        std::string name;        // at the turnstile
        Pace pace;
    };
    std::vector<NamedPace> paces;  // of its tenant, its app and itself, as far as they have one
    std::shared_ptr<const Principal> principal;
    // The cache's notes: when it was loaded, and how many changes there had been when it was asked for.
    SteadyTime loaded{};
    std::uint64_t asked = 0;
    // When a use of it was noted last, in microseconds.
    std::shared_ptr<std::atomic<std::int64_t>> noted_at = std::make_shared<std::atomic<std::int64_t>>(0);
    // It alone has changed since.
    std::shared_ptr<std::atomic<bool>> is_outdated = std::make_shared<std::atomic<bool>>(false);
};

// Where a tenant's policies are kept between loads; both are called on threads of the database's.
class PolicyShelf {
  public:
    virtual ~PolicyShelf() = default;
    virtual std::shared_ptr<const PolicySet> find(const TenantId& tenant) = 0;
    virtual void keep(const TenantId& tenant, std::shared_ptr<const PolicySet> policies) = 0;
};

// By its public part: whether the secret fits is for the caller to compare. Nothing: there is none, or it is
// of another kind than its text says.
std::optional<KnownCredential> load_credential(db::Tx& tx, const TokenText& token, PolicyShelf& shelf);

std::shared_ptr<const PolicySet> load_policies(db::Tx& tx, const TenantId& tenant);
// What a user may do, whoever asks: for explaining decisions. Nothing for a user who is not there.
std::optional<Principal> load_user(db::Tx& tx, const TenantId& tenant, const UserId& user,
                                   PolicyShelf& shelf);

}  // namespace lodestone::identity
