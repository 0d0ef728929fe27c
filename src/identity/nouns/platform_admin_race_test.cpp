// Naming a platform administrator while others do so too, or suspend the user or the tenant.
#include <gtest/gtest.h>

#include "identity/nouns/platform_admin.hpp"
#include "support/tenants.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;

class PlatformAdminRaceTest : public test::WithTenants {};
INSTANTIATE_ON_EVERY_DATABASE(PlatformAdminRaceTest);

TEST_P(PlatformAdminRaceTest, IsNamedOnce) {
    const User alice = insert_user("alice");
    test::run_at_once(8, [&](int i) {
        const db::Unit unit{.actor = "operator-" + std::to_string(i), .request_id = {}};
        database().write_now(unit, [&](Tx& tx) { return grant_platform_admin(tx, acme, alice.id); });
    });
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE action = 'platform_admin.grant'"), "1");
    EXPECT_EQ(
        run_sql("SELECT count(*) FROM platform_admins WHERE granted_by = (SELECT actor FROM audit WHERE "
                "action = 'platform_admin.grant')"),
        "1");
}

// Whichever is first, the other is told; nobody who is suspended is left with the right.
TEST_P(PlatformAdminRaceTest, IsNeverSuspended) {
    const User bob = insert_user("bob");
    write([&](Tx& tx) { return suspend_user(tx, acme, bob.id); });
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { grant_platform_admin(tx, acme, bob.id); }).starts_with("conflict: "));
    for (int round = 0; round < 20; ++round) {
        const User user = insert_user("user-" + std::to_string(round));
        std::string refusals[2];
        test::run_at_once(2, [&](int i) {
            const auto run = [&](Tx& tx) {
                if (i == 0)
                    grant_platform_admin(tx, acme, user.id);
                else
                    suspend_user(tx, acme, user.id);
            };
            try {
                database().write_now({}, run);
            } catch (const Problem& problem) {
                refusals[i] = problem.detail();
            }
        });
        EXPECT_NE(refusals[0].empty(), refusals[1].empty()) << refusals[0] << refusals[1];
    }
    EXPECT_EQ(run_sql("SELECT count(*) FROM platform_admins JOIN users ON users.id = platform_admins.user_id "
                      "WHERE users.status = 'suspended'"),
              "0");
}

TEST_P(PlatformAdminRaceTest, IsOfNoSuspendedTenant) {
    const User alice = insert_user("alice");
    write([&](Tx& tx) { return suspend_tenant(tx, acme); });
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { grant_platform_admin(tx, acme, alice.id); }).starts_with("conflict: "));
}

}  // namespace
}  // namespace lodestone::identity
