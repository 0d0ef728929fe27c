// Memberships on every database: granting, revoking, and what they count for.
#include "identity/nouns/membership.hpp"

#include <gtest/gtest.h>

#include "support/tenants.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using Names = std::vector<std::string>;

const RoleId developer = RoleId::trusted("developer");
const RoleId viewer = RoleId::trusted("viewer");

class MembershipTest : public test::WithTenants {
  protected:
    Membership grant(const App& app, const User& user, const RoleId& role = developer) {
        return write([&](Tx& tx) { return grant_membership(tx, acme, app.id, user.id, role); });
    }
    bool is_let_in(const App& app, const User& user) {
        return read([&](Tx& tx) { return has_access(tx, acme, app.id, user.id); });
    }
};
INSTANTIATE_ON_EVERY_DATABASE(MembershipTest);

TEST_P(MembershipTest, IsGrantedChangedRevokedAndGrantedAgain) {
    const App shop = insert_app("Shop");
    const User bob = insert_user("bob");
    EXPECT_FALSE(is_let_in(shop, bob));
    const Membership first = grant(shop, bob);
    EXPECT_EQ(first.granted_by, "alice");
    EXPECT_EQ(read([&](Tx& tx) { return find_membership(tx, acme, shop.id, bob.id); }), first);
    EXPECT_TRUE(is_let_in(shop, bob));
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(grant(shop, bob), first) << "nothing changed, nothing is written down";
    EXPECT_EQ(grant(shop, bob, viewer).role, viewer);
    const auto revoke = [&](Tx& tx) { return revoke_membership(tx, acme, shop.id, bob.id); };
    EXPECT_EQ(write(revoke).status, MembershipStatus::revoked);
    EXPECT_FALSE(is_let_in(shop, bob));
    EXPECT_EQ(refusal_of(revoke), "not-found: The user " + bob.id.text() + " has no membership of the app " +
                                      shop.id.text() + ".");
    EXPECT_FALSE(grant(shop, bob).revoked_at);
    EXPECT_TRUE(is_let_in(shop, bob));
    EXPECT_EQ(list_actions(bob.id.text()),
              (Names{"alice membership.grant", "alice membership.revoke", "alice membership.grant",
                     "alice membership.grant", "alice user.create"}));
}

TEST_P(MembershipTest, IsOfThingsThatAreThere) {
    const App shop = insert_app("Shop");
    const User bob = insert_user("bob");
    const auto refusal = [&](const TenantId& tenant, const AppId& app, const UserId& user,
                             const RoleId& role) {
        return refusal_of([&](Tx& tx) { grant_membership(tx, tenant, app, user, role); });
    };
    EXPECT_TRUE(refusal(other, shop.id, bob.id, developer).starts_with("not-found: There is no app"));
    EXPECT_TRUE(
        refusal(acme, shop.id, new_id<UserId>(), developer).starts_with("not-found: There is no user"));
    EXPECT_EQ(refusal(acme, shop.id, bob.id, RoleId::trusted("king")), "not-found: There is no role king.");
    EXPECT_TRUE(refusal(acme, shop.id, bob.id, RoleId::trusted("owner")).starts_with("conflict: "));
    grant(shop, bob);
    EXPECT_FALSE(read([&](Tx& tx) { return find_membership(tx, other, shop.id, bob.id); }));
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { revoke_membership(tx, other, shop.id, bob.id); }).starts_with("not-found"));
}

TEST_P(MembershipTest, CountsOnlyWhileAllOfItIsActive) {
    const App shop = insert_app("Shop");
    const User bob = insert_user("bob");
    grant(shop, bob);
    const auto check = [&](auto close, auto open) {
        write(close);
        EXPECT_FALSE(is_let_in(shop, bob));
        write(open);
        EXPECT_TRUE(is_let_in(shop, bob));
    };
    check([&](Tx& tx) { disable_app(tx, acme, shop.id); }, [&](Tx& tx) { activate_app(tx, acme, shop.id); });
    check([&](Tx& tx) { suspend_user(tx, acme, bob.id); }, [&](Tx& tx) { activate_user(tx, acme, bob.id); });
    check([&](Tx& tx) { suspend_tenant(tx, acme); }, [&](Tx& tx) { activate_tenant(tx, acme); });
    check([&](Tx& tx) { delete_app(tx, acme, *find_app(tx, acme, shop.id)); },
          [&](Tx& tx) { restore_app(tx, acme, shop.id); });
    check([&](Tx& tx) { delete_user(tx, acme, *find_user(tx, acme, bob.id)); },
          [&](Tx& tx) { restore_user(tx, acme, bob.id); });
}

TEST_P(MembershipTest, IsListedFromBothSides) {
    const App shop = insert_app("Shop");
    const App till = insert_app("Till");
    const User bob = insert_user("bob");
    const User carol = insert_user("carol");
    const User dave = insert_user("dave");
    for (const User& user : {bob, carol, dave}) grant(shop, user);
    grant(till, bob, viewer);
    write([&](Tx& tx) { return revoke_membership(tx, acme, shop.id, carol.id); });
    write([&](Tx& tx) { return delete_user(tx, acme, dave); });
    const auto members = [&](db::ListRequest request) {
        return read([&](Tx& tx) { return list_members(tx, acme, shop.id, request); });
    };
    EXPECT_EQ(members({}).items.size(), 2u);
    EXPECT_EQ(members({.filters = {{"status", "active"}}}).items.size(), 1u);
    EXPECT_EQ(members({.filters = {{"role", "viewer"}}}).items.size(), 0u);
    const auto first = members({.limit = 1});
    ASSERT_FALSE(first.next.empty());
    const auto second = members({.limit = 1, .cursor = first.next});
    EXPECT_TRUE(second.next.empty());
    EXPECT_NE(first.items.front().user_id, second.items.front().user_id);
    EXPECT_EQ(read([&](Tx& tx) { return list_memberships(tx, acme, bob.id, {}); }).items.size(), 2u);
    EXPECT_TRUE(read([&](Tx& tx) { return list_memberships(tx, other, bob.id, {}); }).items.empty());
    write([&](Tx& tx) { return disable_app(tx, acme, till.id); });
    EXPECT_EQ(read([&](Tx& tx) { return list_active_memberships(tx, acme, bob.id); }).size(), 1u);
}

}  // namespace
}  // namespace lodestone::identity
