// Invitations: a link that makes whoever has it a user of the tenant, once, with a role in one app or in all.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/page.hpp"
#include "db/secret.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"
#include "identity/secrets/token_mint.hpp"

namespace lodestone::identity {

struct Invitation {
    InvitationId id;
    std::string public_id;
    db::Secret<std::string> secret_hash;
    std::optional<std::string> email;  // the new user's, which then counts as checked by whoever invites
    std::optional<AppId> app_id;       // none: the role is one in the whole tenant
    RoleId role;
    Time created_at{};
    std::string created_by;
    Time expires_at{};
    std::optional<Time> accepted_at;
    std::optional<UserId> accepted_by;
    std::optional<Time> revoked_at;
    std::optional<std::string> revoked_by;

    bool operator==(const Invitation&) const = default;

    bool is_open(Time now) const { return !accepted_at && !revoked_at && now < expires_at; }
};
BOOST_DESCRIBE_STRUCT(Invitation, (),
                      (id, public_id, secret_hash, email, app_id, role, created_at, created_by, expires_at,
                       accepted_at, accepted_by, revoked_at, revoked_by))

struct NewInvitation {
    std::optional<std::string> email;
    std::optional<AppId> app_id;
    RoleId role;
    std::optional<Time> expires_at;  // absent: in seven days, which is the most
};

struct IssuedInvitation {
    Invitation invitation;
    std::string text;  // the only time that it can be seen
};

// Refuses with a Problem: invalid_input that names the field, not_found for an app that is not there,
// conflict when the tenant's registration is closed. Whether there is such a role is for the caller to ask.
IssuedInvitation create_invitation(db::Tx& tx, const TenantId& tenant, const NewInvitation& wanted,
                                   const TokenMint& mint);

std::optional<Invitation> find_invitation(db::Tx& tx, const TenantId& tenant, const InvitationId& id);
struct FoundInvitation : Invitation {
    TenantId tenant_id;
};
BOOST_DESCRIBE_STRUCT(FoundInvitation, (Invitation), (tenant_id))
// By the whole text: nothing when there is none, or its secret is another.
std::optional<FoundInvitation> find_invitation_by_text(db::Tx& tx, std::string_view text,
                                                       const KeyedHash& hasher);

// Sort: -created_at. Also those that were accepted, revoked or have expired, until they are purged.
db::Page<Invitation> list_invitations(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);

// False when somebody accepted or revoked it meanwhile, or it has expired.
bool spend_invitation(db::Tx& tx, const TenantId& tenant, const InvitationId& id, const UserId& user);
// Refuses one that was accepted (conflict); of a revoked one nothing changes.
Invitation revoke_invitation(db::Tx& tx, const TenantId& tenant, const InvitationId& id);

// Removes what expired before `deadline`, a bounded number at a time; answers how many.
std::int64_t purge_invitations(db::Tx& tx, Time deadline);

}  // namespace lodestone::identity
