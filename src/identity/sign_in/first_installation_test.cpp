// The first installation is made once and whole, whoever starts.
#include "identity/sign_in/first_installation.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "identity/nouns/app.hpp"
#include "identity/nouns/credentials.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/tenant_owner.hpp"
#include "identity/nouns/user.hpp"
#include "support/databases.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;

const TenantId tenant = TenantId::trusted(std::string(first_tenant));

class FirstInstallationTest : public test::OnEveryDatabase {
  protected:
    FirstAdministrator administrator() {
        return {.id = new_id<UserId>(), .transfer = new_id<OwnershipTransferId>(), .password_hash = "a hash"};
    }
};
INSTANTIATE_ON_EVERY_DATABASE(FirstInstallationTest);

TEST_P(FirstInstallationTest, HasAnAdministratorWhoOwnsATenantWithAnApp) {
    EXPECT_FALSE(read(is_installed));
    const FirstAdministrator first = administrator();
    EXPECT_TRUE(write([&](Tx& tx) { return make_first_installation(tx, first); }));
    EXPECT_TRUE(read(is_installed));
    read([&](Tx& tx) {
        const auto user = find_user_by_username(tx, tenant, "admin");
        ASSERT_TRUE(user.has_value());
        EXPECT_EQ(user->id, first.id);
        EXPECT_TRUE(is_tenant_owner(tx, tenant, first.id));
        EXPECT_TRUE(is_platform_admin(tx, tenant, first.id));
        EXPECT_TRUE(find_credentials(tx, tenant, first.id)->must_change_password);
        EXPECT_TRUE(find_app(tx, tenant, AppId::trusted("main")).has_value());
        EXPECT_TRUE(find_tenant(tx, TenantId::trusted("platform")).has_value());
    });
}

TEST_P(FirstInstallationTest, NobodyTouchesThePlatformsOwnTenant) {
    write([&](Tx& tx) { return make_first_installation(tx, administrator()); });
    const TenantId platform = TenantId::trusted(std::string(platform_tenant));
    const std::string own =
        "conflict: The tenant platform is the installation's own, and nobody's organisation: ";
    const std::string stays = own + "it is neither suspended nor deleted.";
    EXPECT_EQ(refusal_of([&](Tx& tx) { suspend_tenant(tx, platform); }), stays);
    EXPECT_EQ(refusal_of([&](Tx& tx) { delete_tenant(tx, *find_tenant(tx, platform)); }), stays);
    const std::string empty = own + "no users and no apps are made in it; choose another tenant.";
    EXPECT_EQ(refusal_of([&](Tx& tx) {
                  User user;
                  user.id = new_id<UserId>();
                  user.username = "mallory";
                  insert_user(tx, platform, user);
              }),
              empty);
    EXPECT_EQ(refusal_of([&](Tx& tx) {
                  App app;
                  app.id = AppId::trusted("shop");
                  app.name = "Shop";
                  insert_app(tx, platform, app);
              }),
              empty);
}

TEST_P(FirstInstallationTest, IsMadeByOneOfManyNodes) {
    std::atomic<int> made{0};
    test::run_at_once(4, [&](int) {
        if (write([&](Tx& tx) { return make_first_installation(tx, administrator()); })) ++made;
    });
    EXPECT_EQ(made, 1);
    EXPECT_EQ(run_sql("SELECT count(*) FROM users"), "1");
    EXPECT_EQ(run_sql("SELECT count(*) FROM platform_admins"), "1");
}

TEST_P(FirstInstallationTest, LeavesADatabaseThatIsInUseAlone) {
    write([](Tx& tx) {
        Tenant before;
        before.id = TenantId::trusted("acme");
        before.name = "Acme";
        insert_tenant(tx, before);
    });
    EXPECT_FALSE(write([&](Tx& tx) { return make_first_installation(tx, administrator()); }));
    EXPECT_TRUE(read(is_installed));
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants"), "1");
    EXPECT_EQ(run_sql("SELECT count(*) FROM users"), "0");
}

TEST_P(FirstInstallationTest, WhatFailsInBetweenLeavesNothing) {
    EXPECT_FALSE(refusal_of([&](Tx& tx) {
                     make_first_installation(tx, administrator());
                     throw Problem(problems::conflict, "Not this time.");
                 }).empty());
    EXPECT_FALSE(read(is_installed));
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants"), "0");
    EXPECT_TRUE(write([&](Tx& tx) { return make_first_installation(tx, administrator()); }));
}

}  // namespace
}  // namespace lodestone::identity
