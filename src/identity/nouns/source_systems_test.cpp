// What the systems that Lodestone unites tested of themselves, step by step, on every database: a tenant with
// an app, a branch and people is made, looked up in every way, and taken away again. Their mistakes (a
// transfer across tenants, a name that was burnt for good) are tested for being mistakes here.
#include <gtest/gtest.h>

#include "identity/nouns/membership.hpp"
#include "identity/nouns/purge.hpp"
#include "identity/nouns/tenant_owner.hpp"
#include "support/tenants.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using Names = std::vector<std::string>;

class SourceSystemsTest : public test::WithTenants {
  protected:
    const TenantId tenant = TenantId::trusted("demo-corp");
    const AppId app = AppId::trusted("pos");
    const BranchId branch = BranchId::trusted("hq");
    const UserId user = UserId::trusted("jdoe");

    void create() {
        write([&](Tx& tx) {
            Tenant demo;
            demo.id = tenant;
            demo.name = "Demo Corp";
            demo.domain = "demo.example";
            demo.settings = R"({"max_users":100,"max_apps":10,"password_policy":{"min_length":8}})";
            demo.config = R"({"security":{"global_rate_limit_per_minute":1000}})";
            insert_tenant(tx, demo);
            App pos;
            pos.id = app;
            pos.name = "Point of Sale";
            pos.type = AppType::web;
            identity::insert_app(tx, tenant, pos);
            Branch hq;
            hq.id = branch;
            hq.code = "HQ";
            hq.name = "Headquarters";
            hq.type = BranchType::headquarters;
            hq.address = R"({"street":"1 Main","city":"Springfield","country":"US"})";
            insert_branch(tx, tenant, app, hq);
            User jdoe;
            jdoe.id = user;
            jdoe.username = "jdoe";
            jdoe.email = "jdoe@demo.example";
            jdoe.full_name = "John Doe";
            identity::insert_user(tx, tenant, jdoe);
            transfer_ownership(tx, tenant, {.id = new_id<OwnershipTransferId>(), .new_owner = user});
            grant_membership(tx, tenant, app, user, RoleId::trusted("developer"));
        });
    }
};
INSTANTIATE_ON_EVERY_DATABASE(SourceSystemsTest);

TEST_P(SourceSystemsTest, WhatIsMadeIsFoundInEveryWay) {
    create();
    read([&](Tx& tx) {
        EXPECT_EQ(find_tenant_by_name(tx, "demo corp")->id, tenant);
        EXPECT_EQ(find_tenant_by_domain(tx, "demo.example")->id, tenant);
        EXPECT_EQ(find_user_by_username(tx, tenant, "jdoe")->id, user);
        EXPECT_EQ(find_user_by_email(tx, tenant, "jdoe@demo.example")->id, user);
        EXPECT_EQ(find_app_by_name(tx, tenant, "point of sale")->id, app);
        EXPECT_EQ(find_branch_by_code(tx, tenant, app, "hq")->id, branch);
        EXPECT_TRUE(has_access(tx, tenant, app, user));
        EXPECT_TRUE(is_tenant_owner(tx, tenant, user));
        EXPECT_EQ(list_tenants(tx, {.filters = {{"status", "active"}, {"name", "demo"}}}).items.size(), 1u);
        EXPECT_EQ(list_apps(tx, tenant, {.filters = {{"type", "web"}}}).items.size(), 1u);
        EXPECT_EQ(list_branches(tx, tenant, app, {.filters = {{"type", "headquarters"}}}).items.size(), 1u);
        EXPECT_EQ(list_users(tx, tenant, {}).items.size(), 1u);
        EXPECT_EQ(list_members(tx, tenant, app, {}).items.front().user_id, user);
        EXPECT_EQ(list_memberships(tx, tenant, user, {}).items.front().app_id, app);
    });
}

TEST_P(SourceSystemsTest, WhatIsUniqueStaysUnique) {
    create();
    const auto is_conflict = [&](auto function) { return refusal_of(function).starts_with("conflict: "); };
    EXPECT_TRUE(is_conflict([&](Tx& tx) {
        Tenant second;
        second.id = TenantId::trusted("demo-2");
        second.name = "DEMO corp";
        insert_tenant(tx, second);
    }));
    EXPECT_TRUE(is_conflict([&](Tx& tx) { identity::insert_app(tx, tenant, make_app("Point of Sale")); }));
    EXPECT_TRUE(is_conflict([&](Tx& tx) { identity::insert_user(tx, tenant, make_user("jdoe")); }));
    EXPECT_TRUE(is_conflict([&](Tx& tx) {
        User second = make_user("jane");
        second.email = "JDOE@demo.example";
        identity::insert_user(tx, tenant, second);
    }));
    EXPECT_TRUE(is_conflict([&](Tx& tx) {
        Branch second = *find_branch(tx, tenant, app, branch);
        second.id = new_id<BranchId>();
        insert_branch(tx, tenant, app, second);
    }));
    // In another tenant all of it is free.
    write([&](Tx& tx) {
        identity::insert_user(tx, other, make_user("jdoe"));
        identity::insert_app(tx, other, make_app("Point of Sale"));
    });
}

TEST_P(SourceSystemsTest, AnotherTenantsIdsAreNobodys) {
    create();
    read([&](Tx& tx) {
        EXPECT_FALSE(find_app(tx, acme, app));
        EXPECT_FALSE(find_branch(tx, acme, app, branch));
        EXPECT_FALSE(find_user(tx, acme, user));
        EXPECT_FALSE(find_membership(tx, acme, app, user));
        EXPECT_FALSE(has_access(tx, acme, app, user));
        EXPECT_FALSE(is_tenant_owner(tx, acme, user));
        EXPECT_TRUE(list_users(tx, acme, {}).items.empty());
        EXPECT_TRUE(list_members(tx, acme, app, {}).items.empty());
    });
    const App pos = *read([&](Tx& tx) { return find_app(tx, tenant, app); });
    const User jdoe = *read([&](Tx& tx) { return find_user(tx, tenant, user); });
    const auto is_absent = [&](auto function) { return refusal_of(function).starts_with("not-found: "); };
    EXPECT_TRUE(is_absent([&](Tx& tx) { update_app(tx, acme, pos); }));
    EXPECT_TRUE(is_absent([&](Tx& tx) { delete_app(tx, acme, pos); }));
    EXPECT_TRUE(is_absent([&](Tx& tx) { update_user(tx, acme, jdoe); }));
    EXPECT_TRUE(is_absent([&](Tx& tx) { delete_user(tx, acme, jdoe); }));
    EXPECT_TRUE(is_absent([&](Tx& tx) {
        transfer_ownership(tx, acme, {.id = new_id<OwnershipTransferId>(), .new_owner = user});
    }));
    EXPECT_EQ(read([&](Tx& tx) { return find_user(tx, tenant, user); }), jdoe) << "nothing has changed";
}

TEST_P(SourceSystemsTest, WhatIsDeletedGoesWithAllThatItHolds) {
    create();
    write([&](Tx& tx) { return delete_tenant(tx, *find_tenant(tx, tenant)); });
    EXPECT_FALSE(read([&](Tx& tx) { return find_tenant(tx, tenant); }));
    EXPECT_FALSE(read([&](Tx& tx) { return has_access(tx, tenant, app, user); }));
    write([&](Tx& tx) { return restore_tenant(tx, tenant); });
    EXPECT_TRUE(read([&](Tx& tx) { return has_access(tx, tenant, app, user); })) << "restored with all of it";
    write([&](Tx& tx) { return delete_tenant(tx, *find_tenant(tx, tenant)); });
    clock().advance(std::chrono::hours(24 * 30));
    while (write([&](Tx& tx) { return purge_tenants(tx, clock().now()); }) > 0) {
    }
    for (const char* table : {"tenants", "apps", "branches", "users", "memberships", "tenant_owners"})
        EXPECT_EQ(run_sql(std::string("SELECT count(*) FROM ") + table +
                          (std::string(table) == "tenants" ? "" : " WHERE tenant_id = 'demo-corp'")),
                  std::string(table) == "tenants" ? "2" : "0")
            << table;
}

}  // namespace
}  // namespace lodestone::identity
