// Owners in the database. The tenant is the key, so there cannot be two.
#include "identity/nouns/tenant_owner.hpp"

#include "base/ensure.hpp"
#include "base/field_problem.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "db/noun.hpp"
#include "identity/nouns/reset_link.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::identity {

using db::Tx;

struct TransferFilters {
    std::optional<UserId> new_owner;
    std::optional<UserId> previous_owner;
};
BOOST_DESCRIBE_STRUCT(TransferFilters, (), (new_owner, previous_owner))

namespace {

const db::Query<TenantOwner, TenantId> find{
    "tenant_owner.find", "SELECT user_id, since, granted_by FROM tenant_owners WHERE tenant_id = $1"};

const db::ListQuery<OwnershipTransfer, TransferFilters, Time, TenantId> list_newest_first{
    "ownership_transfer.list_newest_first",
    "SELECT id, previous_owner, new_owner, transferred_by, transferred_by_tenant, reason, transferred_at "
    "FROM tenant_ownership_history "
    "WHERE tenant_id = $1 AND ($2 IS NULL OR new_owner = $2) AND ($3 IS NULL OR previous_owner = $3) "
    "  AND (transferred_at, id) < ($4, $5) "
    "ORDER BY transferred_at DESC, id DESC LIMIT $6"};

// Touches the row of whoever becomes the owner: a unit that deletes or suspends the same user changes that
// row too, so one of the two is repeated and sees what the other did.
const db::Command<TenantId, UserId> touch_user{
    "user.touch", "UPDATE users SET status = status WHERE tenant_id = $1 AND id = $2"};

const db::Command<TenantId, UserId, Time, std::string> make_owner{
    "tenant_owner.make",
    "INSERT INTO tenant_owners (tenant_id, user_id, since, granted_by) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (tenant_id) DO UPDATE "
    "SET user_id = excluded.user_id, since = excluded.since, granted_by = excluded.granted_by"};

const db::Command<TenantId, OwnershipTransferId, std::optional<UserId>, UserId, std::string,
                  std::optional<TenantId>, std::string, Time>
    insert_transfer{"ownership_transfer.insert",
                    "INSERT INTO tenant_ownership_history (tenant_id, id, previous_owner, new_owner, "
                    "                                      transferred_by, transferred_by_tenant, "
                    "                                      reason, transferred_at) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"};

constexpr std::tuple sorts{
    db::Sort{"-transferred_at", list_newest_first, &OwnershipTransfer::transferred_at},
};

void check_reason(const std::string& reason) {
    if (reason.size() > limits::reason_bytes)
        throw field_problem("reason", "is too long: 512 bytes are the most.");
}
static_assert(limits::reason_bytes == 512, "the sentence above says so");

}  // namespace

std::optional<TenantOwner> find_tenant_owner(Tx& tx, const TenantId& tenant) {
    return tx.maybe(find, tenant);
}

bool is_tenant_owner(Tx& tx, const TenantId& tenant, const UserId& user) {
    const auto owner = find_tenant_owner(tx, tenant);
    return owner && owner->user_id == user;
}

db::Page<OwnershipTransfer> list_ownership_transfers(Tx& tx, const TenantId& tenant,
                                                     const db::ListRequest& request) {
    return db::list_page<TransferFilters>(tx, request, sorts, tenant);
}

OwnershipTransfer transfer_ownership(Tx& tx, const TenantId& tenant, OwnershipTransfer transfer) {
    ensure(!transfer.id.is_empty(), "a transfer has an id");
    check_reason(transfer.reason);
    tx.run(touch_user, tenant, transfer.new_owner);
    const auto user = find_user(tx, tenant, transfer.new_owner);
    if (!user) db::refuse_absent("user", transfer.new_owner.text());
    if (user->status != UserStatus::active)
        throw Problem(problems::conflict,
                      "The user " + user->username +
                          " is suspended and cannot own the tenant; activate the user first.");
    const auto before = find_tenant_owner(tx, tenant);
    if (before && before->user_id == user->id)
        throw Problem(problems::conflict, "The user " + user->username + " owns the tenant already.");
    transfer.previous_owner = before ? std::optional(before->user_id) : std::nullopt;
    transfer.transferred_by = tx.unit().actor;
    transfer.transferred_by_tenant = parse_id<TenantId>(tx.unit().actor_tenant);
    transfer.transferred_at = tx.now();
    tx.run(make_owner, tenant, transfer.new_owner, transfer.transferred_at, transfer.transferred_by);
    close_reset_links(tx, tenant, transfer.new_owner);  // made by who may not stand in for an owner
    tx.run(insert_transfer, tenant, transfer.id, transfer.previous_owner, transfer.new_owner,
           transfer.transferred_by, transfer.transferred_by_tenant, transfer.reason, transfer.transferred_at);
    OwnershipTransfer nothing;
    nothing.transferred_at = transfer.transferred_at;
    nothing.transferred_by = transfer.transferred_by;
    nothing.transferred_by_tenant = transfer.transferred_by_tenant;
    tx.record({.action = "tenant.transfer",
               .tenant = tenant.text(),
               .subject = tenant.text(),
               .details = db::render_changes(nothing, transfer)});
    return transfer;
}

}  // namespace lodestone::identity
