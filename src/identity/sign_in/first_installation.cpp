// The first transaction of an installation's life.
#include "identity/sign_in/first_installation.hpp"

#include "identity/nouns/app.hpp"
#include "identity/nouns/credentials.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/tenant_owner.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

const db::Query<std::int64_t> count_starts{"installation.count",
                                           "SELECT count(*) FROM installation WHERE event = 'first-start'"};

// Whoever inserts it is the first; a second node waits here for the first one's COMMIT.
const db::Command<Time> insert_start{
    "installation.insert",
    "INSERT INTO installation (event, at) VALUES ('first-start', $1) ON CONFLICT DO NOTHING"};

template <class IdType>
IdType id_of(std::string_view name) {
    return IdType::trusted(std::string(name));
}

void make_tenant(Tx& tx, std::string_view id, std::string_view name) {
    Tenant tenant;
    tenant.id = id_of<TenantId>(id);
    tenant.name = name;
    insert_tenant(tx, tenant);
}

void make_administrator(Tx& tx, const TenantId& tenant, const FirstAdministrator& administrator) {
    User user;
    user.id = administrator.id;
    user.username = first_username;
    user.full_name = "Administrator";
    insert_user(tx, tenant, user);
    store_password(tx, tenant, user.id, administrator.password_hash,
                   administrator.must_change_password ? MustChange::yes : MustChange::no);
    OwnershipTransfer transfer;
    transfer.id = administrator.transfer;
    transfer.new_owner = user.id;
    transfer.reason = "first start";
    transfer_ownership(tx, tenant, transfer);
    grant_platform_admin(tx, tenant, user.id);
}

}  // namespace

bool is_installed(Tx& tx) {
    return tx.one(count_starts) != 0;
}

bool make_first_installation(Tx& tx, const FirstAdministrator& administrator) {
    if (tx.run(insert_start, tx.now()) == 0) return false;
    if (!list_tenants(tx, {.limit = 1}).items.empty()) return false;
    const TenantId tenant = id_of<TenantId>(first_tenant);
    make_tenant(tx, platform_tenant, "Platform");
    make_tenant(tx, first_tenant, "Default");
    make_administrator(tx, tenant, administrator);
    App app;
    app.id = id_of<AppId>(first_app);
    app.name = "Main";
    insert_app(tx, tenant, app);
    return true;
}

}  // namespace lodestone::identity
