// Reset links: what an administrator gives to a user who has no password, or lost it. A link works once, and
// making another one puts it out of use.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/secret.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"
#include "identity/secrets/token_mint.hpp"

namespace lodestone::identity {

struct ResetLink {
    ResetLinkId id;
    UserId user_id;
    std::string public_id;
    db::Secret<std::string> secret_hash;
    Time created_at{};
    std::string created_by;
    Time expires_at{};
    std::optional<Time> used_at;

    bool operator==(const ResetLink&) const = default;

    bool is_open(Time now) const { return !used_at && now < expires_at; }
};
BOOST_DESCRIBE_STRUCT(ResetLink, (),
                      (id, user_id, public_id, secret_hash, created_at, created_by, expires_at, used_at))

struct IssuedResetLink {
    ResetLink link;
    std::string text;  // the only time that it can be seen
};

// not_found when there is no such user. The user's password stays good until the link is used.
IssuedResetLink create_reset_link(db::Tx& tx, const TenantId& tenant, const UserId& user,
                                  const TokenMint& mint);

struct FoundResetLink : ResetLink {
    TenantId tenant_id;
};
BOOST_DESCRIBE_STRUCT(FoundResetLink, (ResetLink), (tenant_id))
// By the whole text: nothing when there is none, or its secret is another.
std::optional<FoundResetLink> find_reset_link_by_text(db::Tx& tx, std::string_view text,
                                                      const KeyedHash& hasher);

// False when it was used meanwhile, or has expired.
bool spend_reset_link(db::Tx& tx, const TenantId& tenant, const ResetLinkId& id);
// Puts all of a user's out of use, as when the password was changed.
void close_reset_links(db::Tx& tx, const TenantId& tenant, const UserId& user);

// Removes what expired before `deadline`, a bounded number at a time; answers how many.
std::int64_t purge_reset_links(db::Tx& tx, Time deadline);

}  // namespace lodestone::identity
