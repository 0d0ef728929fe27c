// Sign-ins that have left for a provider and not come back: what ties the return to the departure, kept on
// the server for as long as the tenant says, ten minutes if it does not, and good for one return.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

struct PendingSignIn {
    std::string state_hash;  // of what travels with the browser; the table alone lets nobody come back
    ProviderId provider_id;
    std::string
        browser_hash;   // of the cookie that the browser was given: another browser's return is refused
    std::string nonce;  // that the token must carry
    std::string code_verifier;
    std::string goes_on_at;  // what ProviderSignIn::begin() was told; empty: at the return address
    Time created_at{};       // this and the next: when it was stored
    Time expires_at{};
};
BOOST_DESCRIBE_STRUCT(PendingSignIn, (),
                      (state_hash, provider_id, browser_hash, nonce, code_verifier, goes_on_at, created_at,
                       expires_at))

void insert_pending_sign_in(db::Tx& tx, const TenantId& tenant, const PendingSignIn& pending,
                            std::chrono::seconds lifetime);
// Takes it away: whoever comes second finds nothing. Nothing either when it is another provider's, or too
// old.
std::optional<PendingSignIn> take_pending_sign_in(db::Tx& tx, const TenantId& tenant,
                                                  const ProviderId& provider, std::string_view state_hash);
// Where one goes on that comes back, and stays as it is; empty when it is another provider's, or none.
std::string find_way_on(db::Tx& tx, const TenantId& tenant, const ProviderId& provider,
                        std::string_view state_hash);

// Removes what expired before `deadline`, a bounded number at a time; answers how many. Zero: done.
std::int64_t purge_pending_sign_ins(db::Tx& tx, Time deadline);

}  // namespace lodestone::identity
