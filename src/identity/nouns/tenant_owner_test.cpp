// Owners on every database: exactly one, passed on inside the tenant, and never lost.
#include "identity/nouns/tenant_owner.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "support/tenants.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;

class TenantOwnerTest : public test::WithTenants {
  protected:
    OwnershipTransfer make(const UserId& user, std::string reason = "") {
        OwnershipTransfer transfer;
        transfer.id = new_id<OwnershipTransferId>();
        transfer.new_owner = user;
        transfer.reason = std::move(reason);
        return transfer;
    }
    std::string refusal(const TenantId& tenant, const UserId& user) {
        const OwnershipTransfer transfer = make(user);
        return refusal_of([&](Tx& tx) { transfer_ownership(tx, tenant, transfer); });
    }
};
INSTANTIATE_ON_EVERY_DATABASE(TenantOwnerTest);

TEST_P(TenantOwnerTest, PassesFromOneToAnother) {
    const User bob = insert_user("bob");
    const User carol = insert_user("carol");
    EXPECT_FALSE(read([&](Tx& tx) { return find_tenant_owner(tx, acme); }));
    write([&](Tx& tx) { return transfer_ownership(tx, acme, make(bob.id)); });
    clock().advance(std::chrono::seconds(1));
    const auto transfer =
        write([&](Tx& tx) { return transfer_ownership(tx, acme, make(carol.id, "Bob left.")); },
              {.actor = "root", .request_id = {}, .actor_tenant = "other"});
    EXPECT_EQ(transfer.previous_owner, bob.id);
    EXPECT_EQ(transfer.transferred_by, "root");
    EXPECT_EQ(transfer.transferred_by_tenant, other);
    const auto owner = read([&](Tx& tx) { return find_tenant_owner(tx, acme); });
    EXPECT_EQ(owner->user_id, carol.id);
    EXPECT_EQ(owner->since, clock().now());
    EXPECT_FALSE(read([&](Tx& tx) { return is_tenant_owner(tx, acme, bob.id); }));
    const auto history = read([&](Tx& tx) { return list_ownership_transfers(tx, acme, {}); }).items;
    ASSERT_EQ(history.size(), 2u);
    EXPECT_EQ(history.front(), transfer);
    EXPECT_EQ(history.back().previous_owner, std::nullopt);
    EXPECT_EQ(history.back().transferred_by_tenant, std::nullopt) << "nobody's: the unit names no tenant";
    EXPECT_TRUE(read([&](Tx& tx) { return list_ownership_transfers(tx, other, {}); }).items.empty());
    EXPECT_EQ(list_actions("acme").front(), "root tenant.transfer");
    EXPECT_EQ(refusal(acme, carol.id), "conflict: The user carol owns the tenant already.");
}

TEST_P(TenantOwnerTest, StaysInsideTheTenant) {
    const User bob = insert_user("bob");
    User theirs = make_user("bob");
    theirs.id = bob.id;  // the same id in another tenant is another user
    write([&](Tx& tx) { return identity::insert_user(tx, other, theirs); });
    write([&](Tx& tx) { return transfer_ownership(tx, acme, make(bob.id)); });
    EXPECT_FALSE(read([&](Tx& tx) { return find_tenant_owner(tx, other); }));
    const User carol = insert_user("carol");
    EXPECT_EQ(refusal(other, carol.id), "not-found: There is no user " + carol.id.text() + ".");
    write([&](Tx& tx) { return suspend_user(tx, acme, carol.id); });
    EXPECT_TRUE(refusal(acme, carol.id).starts_with("conflict: The user carol is suspended"));
    EXPECT_EQ(read([&](Tx& tx) { return find_tenant_owner(tx, acme); })->user_id, bob.id);
}

TEST_P(TenantOwnerTest, NobodyOwnsATenantThatIsDeletedAtTheSameTime) {
    const User bob = insert_user("bob");
    write([&](Tx& tx) { return transfer_ownership(tx, acme, make(bob.id)); });
    for (int round = 0; round < 5; ++round) {
        const User heir = insert_user("heir" + std::to_string(round));
        test::run_at_once(2, [&](int i) {
            const OwnershipTransfer transfer = make(heir.id);
            while (refusal_of([&](Tx& tx) {
                       if (i == 0)
                           transfer_ownership(tx, acme, transfer);
                       else
                           delete_user(tx, acme, heir);
                   }).starts_with("unavailable:")) {
            }
        });
        const auto owner = read([&](Tx& tx) { return find_tenant_owner(tx, acme); });
        EXPECT_TRUE(read([&](Tx& tx) { return find_user(tx, acme, owner->user_id); })) << round;
    }
}

}  // namespace
}  // namespace lodestone::identity
