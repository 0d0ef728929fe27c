// Policies and user identities on every database: what they have of their own beside what every noun has.
#include "identity/nouns/stored_policy.hpp"

#include <gtest/gtest.h>

#include "identity/nouns/user_identity.hpp"
#include "support/tenants.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using Names = std::vector<std::string>;

class StoredPolicyTest : public test::WithTenants {
  protected:
    StoredPolicy make(std::string name) {
        StoredPolicy policy;
        policy.id = new_id<PolicyId>();
        policy.name = std::move(name);
        policy.subjects = R"(["*"])";
        policy.actions = R"(["package:publish"])";
        policy.resources = R"(["*"])";
        policy.conditions = R"([{"attribute":"address","operator":"not_in","value":["10.0.0.0/8"]}])";
        return policy;
    }
    StoredPolicy insert(const StoredPolicy& policy) {
        return write([&](Tx& tx) { return insert_policy(tx, acme, policy); });
    }
    UserIdentity make_identity(const User& user, std::string subject) {
        UserIdentity identity;
        identity.id = new_id<UserIdentityId>();
        identity.user_id = user.id;
        identity.provider = "oidc";
        identity.provider_id = std::move(subject);
        return identity;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(StoredPolicyTest);

TEST_P(StoredPolicyTest, LivesLikeEveryNoun) {
    StoredPolicy office = insert(make("From the office only"));
    EXPECT_EQ(read([&](Tx& tx) { return find_policy(tx, acme, office.id); }), office);
    EXPECT_EQ(read([&](Tx& tx) { return find_policy_by_name(tx, acme, "from THE office only"); }), office);
    EXPECT_FALSE(read([&](Tx& tx) { return find_policy(tx, other, office.id); }));
    office.effect = PolicyEffect::allow;
    const StoredPolicy changed = write([&](Tx& tx) { return update_policy(tx, acme, office); });
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { delete_policy(tx, acme, office); }).starts_with("precondition-failed"));
    write([&](Tx& tx) { return delete_policy(tx, acme, changed); });
    EXPECT_EQ(write([&](Tx& tx) { return restore_policy(tx, acme, office.id); }).version, 4);
    EXPECT_TRUE(refusal_of([&](Tx& tx) {
                    insert_policy(tx, acme, make("FROM the office only"));
                }).starts_with("conflict: "));
    EXPECT_EQ(list_actions(office.id.text()), (Names{"alice policy.restore", "alice policy.delete",
                                                     "alice policy.update", "alice policy.create"}));
}

TEST_P(StoredPolicyTest, RefusesWhatTheRulesCannotRead) {
    const auto refusal = [&](auto change) {
        StoredPolicy policy = make("Office");
        change(policy);
        return refusal_of([&](Tx& tx) { insert_policy(tx, acme, policy); });
    };
    EXPECT_TRUE(refusal([](StoredPolicy& policy) {
                    policy.actions = R"(["explode"])";
                }).starts_with("invalid-input: The field actions "));
    EXPECT_TRUE(refusal([](StoredPolicy& policy) {
                    policy.conditions = R"([{"attribute":"x"}])";
                }).starts_with("invalid-input: The field conditions"));
    EXPECT_TRUE(refusal([](StoredPolicy& policy) {
                    policy.app_id = AppId::trusted("gone");
                }).starts_with("not-found: There is no app gone"));
}

// A policy that names nobody would never count, and nobody would notice.
TEST_P(StoredPolicyTest, NamesWhomTheTenantHas) {
    const User bob = insert_user("bob");
    const App shop = insert_app("Shop");
    const auto refusal = [&](const std::string& subjects) {
        StoredPolicy policy = make("Office");
        policy.subjects = subjects;
        return refusal_of([&](Tx& tx) { insert_policy(tx, acme, policy); });
    };
    EXPECT_EQ(refusal(R"(["*","zzz"])"),
              "invalid-input: The field subjects[1] names the user zzz, which this tenant does not have.");
    for (const std::string kind : {"user", "role", "key", "app"})
        EXPECT_EQ(refusal("[\"" + kind + ":gone\"]"), "invalid-input: The field subjects[0] names the " +
                                                          kind + " gone, which this tenant does not have.");
    StoredPolicy named = make("Named");
    named.subjects = "[\"" + bob.id.text() + "\",\"user:" + bob.id.text() + "\",\"app:" + shop.id.text() +
                     "\",\"role:developer\",\"anonymous\"]";
    named = insert(named);
    write([&](Tx& tx) { return delete_user(tx, acme, bob); });
    named.description = "still changed when somebody that it names has gone";
    write([&](Tx& tx) { return update_policy(tx, acme, named); });
}

TEST_P(StoredPolicyTest, IsListedAndCountsWhileItsAppIsThere) {
    const App shop = insert_app("Shop");
    StoredPolicy of_shop = make("Shop rule");
    of_shop.app_id = shop.id;
    insert(of_shop);
    clock().advance(std::chrono::seconds(1));
    StoredPolicy lenient = make("A lenient rule");
    lenient.effect = PolicyEffect::allow;
    insert(lenient);
    const auto list = [&](db::ListRequest request) {
        return names_of(read([&](Tx& tx) { return list_policies(tx, acme, request); }).items);
    };
    EXPECT_EQ(list({}), (Names{"A lenient rule", "Shop rule"}));
    EXPECT_EQ(list({.sort = "created_at"}), (Names{"Shop rule", "A lenient rule"}));
    EXPECT_EQ(list({.filters = {{"search", "RULE"}}, .sort = "-created_at"}),
              (Names{"A lenient rule", "Shop rule"}));
    EXPECT_EQ(list({.filters = {{"app_id", shop.id.text()}}}), (Names{"Shop rule"}));
    EXPECT_EQ(list({.filters = {{"effect", "allow"}, {"status", "active"}, {"name", "a"}}}),
              (Names{"A lenient rule"}));
    const auto active = [&] { return read([&](Tx& tx) { return list_active_policies(tx, acme); }).size(); };
    EXPECT_EQ(active(), 2u);
    write([&](Tx& tx) { return delete_app(tx, acme, shop); });
    EXPECT_EQ(active(), 1u);
}

TEST_P(StoredPolicyTest, AUserIdentityBelongsToOneUser) {
    const User bob = insert_user("bob");
    const User carol = insert_user("carol");
    UserIdentity identity = make_identity(bob, "subject-1");
    identity.email = "bob@idp.example";
    identity = write([&](Tx& tx) { return insert_user_identity(tx, acme, identity); });
    const auto find = [&](const TenantId& tenant) {
        return read([&](Tx& tx) { return find_user_identity_by_provider(tx, tenant, "oidc", "subject-1"); });
    };
    EXPECT_EQ(find(acme), identity);
    EXPECT_FALSE(find(other));
    const auto refusal = [&](const TenantId& tenant, const UserIdentity& wanted) {
        return refusal_of([&](Tx& tx) { insert_user_identity(tx, tenant, wanted); });
    };
    EXPECT_EQ(refusal(acme, make_identity(carol, "subject-1")),
              "conflict: There is a user known to oidc as subject-1 already.");
    EXPECT_TRUE(refusal(other, make_identity(carol, "subject-2")).starts_with("not-found: There is no user"));
    EXPECT_TRUE(refusal(acme, make_identity(carol, "")).starts_with("invalid-input: The field provider_id"));
    UserIdentity moved = identity;
    moved.user_id = carol.id;
    moved.is_verified = true;
    moved = write([&](Tx& tx) { return update_user_identity(tx, acme, moved); });
    EXPECT_TRUE(moved.is_verified);
    EXPECT_EQ(moved.user_id, bob.id) << "it stays whose it is";
    const auto list = [&](db::ListRequest request) {
        return read([&](Tx& tx) { return list_user_identities(tx, acme, bob.id, request); }).items.size();
    };
    EXPECT_EQ(list({}), 1u);
    EXPECT_EQ(list({.filters = {{"provider", "ldap"}}, .sort = "-created_at"}), 0u);
    write([&](Tx& tx) { return delete_user_identity(tx, acme, moved); });
    EXPECT_FALSE(find(acme));
    const UserIdentity hers = make_identity(carol, "subject-1");
    write([&](Tx& tx) { return insert_user_identity(tx, acme, hers); });
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { restore_user_identity(tx, acme, identity.id); }).starts_with("conflict: "));
    write([&](Tx& tx) { return delete_user_identity(tx, acme, *find_user_identity(tx, acme, hers.id)); });
    EXPECT_EQ(write([&](Tx& tx) { return restore_user_identity(tx, acme, identity.id); }).version, 4);
}

}  // namespace
}  // namespace lodestone::identity
