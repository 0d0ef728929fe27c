// A provider's life, on every database, and what nobody may configure.
#include "identity/nouns/identity_provider.hpp"

#include <gtest/gtest.h>

#include "identity/nouns/tenant.hpp"
#include "support/databases.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;

class IdentityProviderTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped()) return;
        for (const TenantId& id : {acme_, other_})
            write([&](Tx& tx) {
                Tenant tenant;
                tenant.id = id;
                tenant.name = id.text();
                return insert_tenant(tx, tenant);
            });
    }
    IdentityProvider make(std::string name = "Corporate") {
        IdentityProvider provider;
        provider.id = new_id<ProviderId>();
        provider.name = std::move(name);
        provider.issuer = "https://idp.example";
        provider.client_id = "lodestone";
        provider.client_secret = db::Secret<std::string>{"v1.sealed"};
        return provider;
    }
    IdentityProvider insert(const IdentityProvider& provider) {
        return write([&](Tx& tx) { return insert_provider(tx, acme_, provider); });
    }
    std::string refusal_of_insert(const IdentityProvider& provider) {
        return refusal_of([&](Tx& tx) { insert_provider(tx, acme_, provider); });
    }

    const TenantId acme_ = TenantId::trusted("acme");
    const TenantId other_ = TenantId::trusted("other");
};
INSTANTIATE_ON_EVERY_DATABASE(IdentityProviderTest);

TEST_P(IdentityProviderTest, IsInsertedFoundAndListedInItsTenantOnly) {
    IdentityProvider wanted = make();
    wanted.group_claim = "groups";
    wanted.group_roles = R"({"platform-team":["admin"]})";
    const IdentityProvider stored = insert(wanted);
    EXPECT_EQ(stored.version, 1);
    EXPECT_EQ(stored.created_by, "alice");
    EXPECT_EQ(read([&](Tx& tx) { return find_provider(tx, acme_, stored.id); }), stored);
    EXPECT_EQ(read([&](Tx& tx) { return find_provider(tx, other_, stored.id); }), std::nullopt);
    EXPECT_EQ(read([&](Tx& tx) { return list_providers(tx, acme_, {}).items; }), std::vector{stored});
    EXPECT_TRUE(read([&](Tx& tx) { return list_providers(tx, other_, {}).items; }).empty());
}

TEST_P(IdentityProviderTest, NamesAreUniqueInATenant) {
    insert(make("Corporate"));
    EXPECT_EQ(refusal_of_insert(make("CORPORATE")),
              "conflict: There is a provider named CORPORATE already; choose another name.");
    write([&](Tx& tx) { return insert_provider(tx, other_, make("Corporate")); });
    const IdentityProvider second = insert(make("Second"));
    IdentityProvider renamed = second;
    renamed.name = "corporate";
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_provider(tx, acme_, renamed); }).substr(0, 9), "conflict:");
    EXPECT_EQ(refusal_of([&](Tx& tx) { insert_provider(tx, TenantId::trusted("nobody"), make()); }),
              "not-found: There is no tenant nobody.");
}

TEST_P(IdentityProviderTest, ChangesButNotItsIssuer) {
    const IdentityProvider stored = insert(make());
    IdentityProvider changed = stored;
    changed.links_by_email = true;
    changed.status = ProviderStatus::disabled;
    changed.registration = ProviderRegistration::everybody;
    const IdentityProvider after = write([&](Tx& tx) { return update_provider(tx, acme_, changed); });
    EXPECT_EQ(after.version, 2);
    EXPECT_EQ(read([&](Tx& tx) { return find_provider(tx, acme_, stored.id); }), after);
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_provider(tx, acme_, changed); }).substr(0, 20),
              "precondition-failed:");
    changed = after;
    changed.issuer = "https://other.example";
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_provider(tx, acme_, changed); }),
              "invalid-input: The field issuer cannot change, since people are linked to it; make another "
              "provider.");
}

TEST_P(IdentityProviderTest, IsDeletedForGood) {
    const IdentityProvider stored = insert(make());
    EXPECT_EQ(refusal_of([&](Tx& tx) { delete_provider(tx, other_, stored); }).substr(0, 10), "not-found:");
    write([&](Tx& tx) { delete_provider(tx, acme_, stored); });
    EXPECT_EQ(read([&](Tx& tx) { return find_provider(tx, acme_, stored.id); }), std::nullopt);
    insert(make());  // the name is free
}

TEST_P(IdentityProviderTest, RefusesWhatMakesNoSense) {
    const auto refusal_with = [&](auto change) {
        IdentityProvider provider = make();
        change(provider);
        return refusal_of_insert(provider);
    };
    const std::string field = "invalid-input: The field ";
    EXPECT_EQ(refusal_with([](auto& it) { it.issuer = "http://idp.example"; }),
              field + "issuer must begin with https://.");
    EXPECT_EQ(refusal_with([](auto& it) { it.client_id = ""; }), field + "client_id cannot be empty.");
    EXPECT_EQ(refusal_with([](auto& it) { it.client_id = "a b"; }),
              field + "client_id holds a character that does not belong there.");
    EXPECT_EQ(refusal_with([](auto& it) { it.scopes = "profile openid2"; }),
              field + "scopes must name openid among others.");
    EXPECT_EQ(refusal_with([](auto& it) { it.group_roles = R"({"a":["admin"]})"; }),
              field + "group_claim is missing: it says where tokens list the groups of group_roles.");
    EXPECT_EQ(refusal_with([](auto& it) {
                  it.group_claim = "groups";
                  it.group_roles = R"({"a":["viewer","owner"]})";
              }),
              field + "group_roles cannot give the role owner: there is exactly one, who hands it over.");
    EXPECT_EQ(refusal_with([](auto& it) { it.group_roles = "[]"; }),
              field + R"(group_roles must be an object such as {"platform-team": ["admin"]}.)");
}

TEST(GroupRolesTest, AreReadStrictly) {
    EXPECT_EQ(parse_group_roles(R"({"a":["x","y"],"b":[]})"),
              (std::vector<GroupRoles>{{"a", {RoleId::trusted("x"), RoleId::trusted("y")}}, {"b", {}}}));
    EXPECT_TRUE(parse_group_roles("{}")->empty());
    for (const char* text :
         {"", "[]", R"({"a":"x"})", R"({"a":[1]})", R"({"a":["x y"]})", R"({"a":[],"a":[]})"})
        EXPECT_EQ(parse_group_roles(text), std::nullopt) << text;
}

}  // namespace
}  // namespace lodestone::identity
