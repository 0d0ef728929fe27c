// Refresh tokens: each is good for one refresh, and leaves another in its place. A session's tokens are one
// family; when one of them is shown a second time, somebody has a copy, and the family ends.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/secret.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

struct RefreshToken {
    RefreshTokenId id;
    SessionId session_id;
    std::string public_id;
    db::Secret<std::string> secret_hash;
    Time created_at{};
    Time expires_at{};
    std::optional<Time> used_at;  // or put out of use by another one
    std::optional<RefreshTokenId> rotated_from;

    bool operator==(const RefreshToken&) const = default;
};
BOOST_DESCRIBE_STRUCT(RefreshToken, (),
                      (id, session_id, public_id, secret_hash, created_at, expires_at, used_at, rotated_from))

void insert_refresh_token(db::Tx& tx, const TenantId& tenant, const RefreshToken& token);

struct FoundRefreshToken : RefreshToken {
    TenantId tenant_id;
};
BOOST_DESCRIBE_STRUCT(FoundRefreshToken, (RefreshToken), (tenant_id))
std::optional<FoundRefreshToken> find_refresh_token_by_public_id(db::Tx& tx, std::string_view public_id);

// False when it was used already.
bool spend_refresh_token(db::Tx& tx, const TenantId& tenant, const RefreshTokenId& id);
// Puts out of use what came of this one and was not used itself; answers how many. Zero: somebody went on
// from there.
std::int64_t replace_successors(db::Tx& tx, const TenantId& tenant, const RefreshTokenId& id);

// Removes what expired before `deadline`, a bounded number at a time; answers how many.
std::int64_t purge_refresh_tokens(db::Tx& tx, Time deadline);

}  // namespace lodestone::identity
