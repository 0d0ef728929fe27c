// Who owns a tenant: exactly one of its own users, from the first moment on. Ownership passes from one to
// another in one step, inside the tenant only, and how it went stays known.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/page.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

struct TenantOwner {
    UserId user_id;
    Time since{};
    std::string granted_by;

    bool operator==(const TenantOwner&) const = default;
};
BOOST_DESCRIBE_STRUCT(TenantOwner, (), (user_id, since, granted_by))

struct OwnershipTransfer {
    OwnershipTransferId id{};
    std::optional<UserId> previous_owner{};  // nobody, when the tenant got its first
    UserId new_owner{};
    std::string transferred_by{};                     // an actor …
    std::optional<TenantId> transferred_by_tenant{};  // … and whose: the operator is nobody's
    std::string reason{};                             // may be empty
    Time transferred_at{};

    bool operator==(const OwnershipTransfer&) const = default;
};
BOOST_DESCRIBE_STRUCT(OwnershipTransfer, (),
                      (id, previous_owner, new_owner, transferred_by, transferred_by_tenant, reason,
                       transferred_at))

// Absent only while a tenant is being made.
std::optional<TenantOwner> find_tenant_owner(db::Tx& tx, const TenantId& tenant);
bool is_tenant_owner(db::Tx& tx, const TenantId& tenant, const UserId& user);
// The newest first. Sort: -transferred_at.
db::Page<OwnershipTransfer> list_ownership_transfers(db::Tx& tx, const TenantId& tenant,
                                                     const db::ListRequest& request);

// Makes an active user of the tenant its owner: the first, or instead of whoever is. Refuses with a Problem:
// not_found when the user is none of the tenant's, conflict when suspended or the owner already.
// `transfer.id`, `transfer.new_owner` and `transfer.reason` are the caller's, the rest is filled in.
OwnershipTransfer transfer_ownership(db::Tx& tx, const TenantId& tenant, OwnershipTransfer transfer);

}  // namespace lodestone::identity
