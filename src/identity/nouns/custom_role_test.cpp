// Custom roles, and who has which role in the whole tenant or over all of them, on every database.
#include "identity/nouns/custom_role.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "identity/nouns/user_role.hpp"
#include "support/tenants.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using Names = std::vector<std::string>;

class CustomRoleTest : public test::WithTenants {
  protected:
    CustomRole make(std::string name) {
        CustomRole role;
        role.id = new_id<RoleId>();
        role.name = std::move(name);
        role.permissions = R"(["package:read"])";
        return role;
    }
    CustomRole insert(std::string name) {
        return write([&](Tx& tx) { return insert_role(tx, acme, make(name)); });
    }
    Names roles_of(const User& user) {
        Names names;
        for (const UserRole& held : read([&](Tx& tx) { return list_user_roles(tx, acme, user.id); }))
            names.push_back(held.role.text());
        return names;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(CustomRoleTest);

TEST_P(CustomRoleTest, LivesLikeEveryNoun) {
    CustomRole reader = insert("Reader");
    EXPECT_EQ(read([&](Tx& tx) { return find_role(tx, acme, reader.id); }), reader);
    EXPECT_EQ(read([&](Tx& tx) { return find_role_by_name(tx, acme, "READER"); }), reader);
    EXPECT_FALSE(read([&](Tx& tx) { return find_role(tx, other, reader.id); }));
    reader.permissions = R"(["package:*"])";
    const CustomRole changed = write([&](Tx& tx) { return update_role(tx, acme, reader); });
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { update_role(tx, acme, reader); }).starts_with("precondition-failed"));
    write([&](Tx& tx) { return delete_role(tx, acme, changed); });
    EXPECT_FALSE(read([&](Tx& tx) { return find_role(tx, acme, reader.id); }));
    const CustomRole newcomer = insert("reader");
    EXPECT_TRUE(refusal_of([&](Tx& tx) { restore_role(tx, acme, reader.id); }).starts_with("conflict: "));
    write([&](Tx& tx) { return delete_role(tx, acme, newcomer); });
    EXPECT_EQ(write([&](Tx& tx) { return restore_role(tx, acme, reader.id); }).version, 4);
    EXPECT_EQ(list_actions(reader.id.text()),
              (Names{"alice role.restore", "alice role.delete", "alice role.update", "alice role.create"}));
}

TEST_P(CustomRoleTest, RefusesWhatTheRulesCannotRead) {
    const auto refusal = [&](auto change) {
        CustomRole role = make("Reader");
        change(role);
        return refusal_of([&](Tx& tx) { insert_role(tx, acme, role); });
    };
    EXPECT_TRUE(refusal([](CustomRole& role) {
                    role.permissions = R"(["package:explode"])";
                }).starts_with("invalid-input: The field permissions "));
    EXPECT_TRUE(refusal([](CustomRole& role) {
                    role.permissions = "{}";
                }).starts_with("invalid-input: The field permissions "));
    EXPECT_TRUE(refusal([](CustomRole& role) { role.name = "Admin"; }).starts_with("conflict: "))
        << "built in";
    EXPECT_TRUE(
        refusal([](CustomRole& role) { role.id = RoleId::trusted("admin"); }).starts_with("conflict: "));
    EXPECT_EQ(refusal_of([&](Tx& tx) { insert_role(tx, TenantId::trusted("nobody"), make("Reader")); }),
              "not-found: There is no tenant nobody.");
    insert("Writer");
    EXPECT_TRUE(refusal([](CustomRole& role) { role.name = "WRITER"; }).starts_with("conflict: "));
}

TEST_P(CustomRoleTest, IsListed) {
    for (const char* name : {"beta", "Alpha", "gamma"}) {
        clock().advance(std::chrono::seconds(1));
        insert(name);
    }
    const auto list = [&](db::ListRequest request) {
        return names_of(read([&](Tx& tx) { return list_roles(tx, acme, request); }).items);
    };
    EXPECT_EQ(list({}), (Names{"Alpha", "beta", "gamma"}));
    EXPECT_EQ(list({.sort = "created_at"}), (Names{"beta", "Alpha", "gamma"}));
    EXPECT_EQ(list({.sort = "-created_at"}), (Names{"gamma", "Alpha", "beta"}));
    EXPECT_EQ(list({.filters = {{"name", "be"}}}), (Names{"beta"}));
    EXPECT_EQ(list({.filters = {{"search", "mm"}}, .sort = "created_at"}), (Names{"gamma"}));
    CustomRole beta = *read([&](Tx& tx) { return find_role_by_name(tx, acme, "beta"); });
    beta.status = RoleStatus::inactive;
    write([&](Tx& tx) { return update_role(tx, acme, beta); });
    EXPECT_EQ(list({.filters = {{"status", "inactive"}}, .sort = "-created_at"}), (Names{"beta"}));
    EXPECT_EQ(read([&](Tx& tx) { return list_active_roles(tx, acme); }).size(), 2u);
}

TEST_P(CustomRoleTest, IsGrantedAndRevoked) {
    const User bob = insert_user("bob");
    const CustomRole reader = insert("Reader");
    const RoleId admin = RoleId::trusted("admin");
    write([&](Tx& tx) { return grant_role(tx, acme, bob.id, admin); });
    write([&](Tx& tx) { return grant_role(tx, acme, bob.id, reader.id); });
    write([&](Tx& tx) { return grant_role(tx, acme, bob.id, reader.id); });
    EXPECT_EQ(roles_of(bob).size(), 2u);
    EXPECT_EQ(read([&](Tx& tx) { return list_users_with_role(tx, acme, admin, 10); }).size(), 1u);
    EXPECT_TRUE(refusal_of([&](Tx& tx) { grant_role(tx, other, bob.id, admin); }).starts_with("not-found: "));
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { revoke_role(tx, other, bob.id, admin); }).starts_with("not-found: "));
    EXPECT_TRUE(refusal_of([&](Tx& tx) {
                    grant_role(tx, acme, bob.id, RoleId::trusted("owner"));
                }).starts_with("conflict: "));
    write([&](Tx& tx) { revoke_role(tx, acme, bob.id, reader.id); });
    EXPECT_EQ(roles_of(bob), (Names{"admin"}));
    write([&](Tx& tx) { replace_roles(tx, acme, bob.id, {RoleId::trusted("viewer"), reader.id}); });
    EXPECT_EQ(roles_of(bob).size(), 2u);
    EXPECT_EQ(list_actions(bob.id.text()).front(), "alice user_role.grant");
    write([&](Tx& tx) { replace_roles(tx, acme, bob.id, {}); });
    EXPECT_TRUE(roles_of(bob).empty());
}

TEST_P(CustomRoleTest, APlatformAdministratorIsNeverTheLastToGo) {
    const User bob = insert_user("bob");
    const User carol = insert_user("carol");
    const auto revoke = [&](const User& user) {
        return refusal_of([&](Tx& tx) { revoke_platform_admin(tx, acme, user.id); });
    };
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { grant_platform_admin(tx, other, bob.id); }).starts_with("not-found: "));
    write([&](Tx& tx) { return grant_platform_admin(tx, acme, bob.id); });
    EXPECT_TRUE(read([&](Tx& tx) { return is_platform_admin(tx, acme, bob.id); }));
    EXPECT_FALSE(read([&](Tx& tx) { return is_platform_admin(tx, other, bob.id); }));
    EXPECT_EQ(revoke(bob), "conflict: The user " + bob.id.text() +
                               " is the last platform administrator; name another one first.");
    EXPECT_TRUE(refusal_of([&](Tx& tx) { delete_user(tx, acme, bob); }).starts_with("conflict: "));
    EXPECT_TRUE(refusal_of([&](Tx& tx) { suspend_tenant(tx, acme); }).starts_with("conflict: "));
    write([&](Tx& tx) { return grant_platform_admin(tx, acme, carol.id); });
    EXPECT_EQ(read([&](Tx& tx) { return list_platform_admins(tx, {}); }).items.size(), 2u);
    EXPECT_EQ(read([&](Tx& tx) { return list_platform_admins(tx, {.limit = 1}); }).items.size(), 1u);
    test::run_at_once(2, [&](int i) {
        while (revoke(i == 0 ? bob : carol).starts_with("unavailable:")) {
        }
    });
    EXPECT_EQ(run_sql("SELECT count(*) FROM platform_admins"), "1") << "two took each other's right away";
}

}  // namespace
}  // namespace lodestone::identity
