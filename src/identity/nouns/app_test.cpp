// Apps on every database: what they have of their own beside what every noun has.
#include "identity/nouns/app.hpp"

#include <gtest/gtest.h>

#include "support/tenants.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using Names = std::vector<std::string>;

class AppTest : public test::WithTenants {};
INSTANTIATE_ON_EVERY_DATABASE(AppTest);

TEST_P(AppTest, IsFoundAsItWasInsertedInItsTenantOnly) {
    App wanted = make_app("Wéb Shop");
    wanted.type = AppType::web;
    wanted.config = R"({"allowed_origins":["https://shop.acme.example"],"features":{"beta":true}})";
    wanted.metadata = R"({"team":"a"})";
    const App shop = write([&](Tx& tx) { return identity::insert_app(tx, acme, wanted); });
    EXPECT_EQ(shop.version, 1);
    EXPECT_EQ(read([&](Tx& tx) { return find_app(tx, acme, shop.id); }), shop);
    EXPECT_EQ(read([&](Tx& tx) { return find_app_by_name(tx, acme, "wÉB SHOP"); }), shop);
    EXPECT_FALSE(read([&](Tx& tx) { return find_app(tx, other, shop.id); }));
    EXPECT_FALSE(read([&](Tx& tx) { return find_app_by_name(tx, other, "Wéb Shop"); }));
    EXPECT_EQ(list_actions(shop.id.text()), (Names{"alice app.create"}));
}

TEST_P(AppTest, BelongsToATenantThatIsThere) {
    const TenantId nobody = TenantId::trusted("nobody");
    EXPECT_EQ(refusal_of([&](Tx& tx) { identity::insert_app(tx, nobody, make_app("Shop")); }),
              "not-found: There is no tenant nobody.");
    write([&](Tx& tx) { return delete_tenant(tx, *find_tenant(tx, acme)); });
    EXPECT_EQ(refusal_of([&](Tx& tx) { identity::insert_app(tx, acme, make_app("Shop")); }),
              "not-found: There is no tenant acme.");
}

TEST_P(AppTest, HasANameOfItsOwnInItsTenant) {
    const App shop = insert_app("Shop");
    EXPECT_EQ(refusal_of([&](Tx& tx) { identity::insert_app(tx, acme, make_app("SHOP")); }),
              "conflict: There is an app named SHOP already; choose another name.");
    write([&](Tx& tx) { return identity::insert_app(tx, other, make_app("Shop")); });
    App till = insert_app("Till");
    till.name = "shop";
    EXPECT_TRUE(refusal_of([&](Tx& tx) { update_app(tx, acme, till); }).starts_with("conflict: "));
    write([&](Tx& tx) { return delete_app(tx, acme, shop); });
    EXPECT_EQ(write([&](Tx& tx) { return update_app(tx, acme, till); }).name, "shop");
    EXPECT_TRUE(refusal_of([&](Tx& tx) { restore_app(tx, acme, shop.id); }).starts_with("conflict: "));
}

TEST_P(AppTest, TheSameIdMayBeInTwoTenants) {
    App app = make_app("Shop");
    app.id = AppId::trusted("shop");
    for (const TenantId& tenant : {acme, other})
        write([&](Tx& tx) { return identity::insert_app(tx, tenant, app); });
    app.name = "Another";
    EXPECT_EQ(refusal_of([&](Tx& tx) { identity::insert_app(tx, acme, app); }),
              "conflict: There is, or was, an app with the id shop; choose another id.");
    App theirs = *read([&](Tx& tx) { return find_app(tx, other, app.id); });
    theirs.name = "Theirs";
    write([&](Tx& tx) { return update_app(tx, other, theirs); });
    EXPECT_EQ(read([&](Tx& tx) { return find_app(tx, acme, app.id); })->name, "Shop");
}

TEST_P(AppTest, IsDisabledAndActivated) {
    const App shop = insert_app("Shop");
    EXPECT_EQ(write([&](Tx& tx) { return disable_app(tx, acme, shop.id); }).status, AppStatus::disabled);
    EXPECT_EQ(write([&](Tx& tx) { return disable_app(tx, acme, shop.id); }).version, 2) << "it was already";
    EXPECT_EQ(write([&](Tx& tx) { return activate_app(tx, acme, shop.id); }).status, AppStatus::active);
    EXPECT_EQ(refusal_of([&](Tx& tx) { disable_app(tx, other, shop.id); }),
              "not-found: There is no app " + shop.id.text() + ".");
}

TEST_P(AppTest, AnOlderVersionIsNotChanged) {
    App shop = insert_app("Shop");
    write([&](Tx& tx) { return update_app(tx, acme, shop); });
    EXPECT_TRUE(refusal_of([&](Tx& tx) { update_app(tx, acme, shop); }).starts_with("precondition-failed: "));
    EXPECT_TRUE(refusal_of([&](Tx& tx) { delete_app(tx, acme, shop); }).starts_with("precondition-failed: "));
    shop.version = 2;
    EXPECT_TRUE(refusal_of([&](Tx& tx) { delete_app(tx, other, shop); }).starts_with("not-found: "));
    write([&](Tx& tx) { return delete_app(tx, acme, shop); });
    EXPECT_EQ(write([&](Tx& tx) { return restore_app(tx, acme, shop.id); }).version, 4);
}

TEST_P(AppTest, IsListedByFiltersAndSorts) {
    for (const char* name : {"beta", "Alpha", "gamma"}) {
        clock().advance(std::chrono::seconds(1));
        insert_app(name);
    }
    App alpha = *read([&](Tx& tx) { return find_app_by_name(tx, acme, "alpha"); });
    alpha.type = AppType::api;
    write([&](Tx& tx) { return update_app(tx, acme, alpha); });
    const auto list = [&](db::ListRequest request) {
        return names_of(read([&](Tx& tx) { return list_apps(tx, acme, request); }).items);
    };
    EXPECT_EQ(list({}), (Names{"Alpha", "beta", "gamma"}));
    EXPECT_EQ(list({.sort = "created_at"}), (Names{"beta", "Alpha", "gamma"}));
    EXPECT_EQ(list({.sort = "-created_at"}), (Names{"gamma", "Alpha", "beta"}));
    EXPECT_EQ(list({.filters = {{"type", "api"}}}), (Names{"Alpha"}));
    for (const char* sort : {"name", "created_at", "-created_at"}) {
        EXPECT_EQ(list({.filters = {{"name", "BE"}}, .sort = sort}), (Names{"beta"})) << sort;
        EXPECT_EQ(list({.filters = {{"search", "mm"}}, .sort = sort}), (Names{"gamma"})) << sort;
        EXPECT_EQ(list({.filters = {{"status", "disabled"}}, .sort = sort}), Names{}) << sort;
    }
    EXPECT_TRUE(read([&](Tx& tx) { return list_apps(tx, other, {}); }).items.empty());
    const auto first = read([&](Tx& tx) { return list_apps(tx, acme, {.limit = 2}); });
    EXPECT_EQ(list({.cursor = first.next}), (Names{"gamma"}));
    EXPECT_TRUE(refusal_of([&](Tx& tx) {
                    list_apps(tx, other, {.cursor = first.next});
                }).starts_with("invalid-input: The cursor"));
}

TEST_P(AppTest, HasAsManyAsItsTenantMayHave) {
    Tenant tenant = *read([&](Tx& tx) { return find_tenant(tx, acme); });
    tenant.settings = R"({"max_apps": 1})";
    write([&](Tx& tx) { return update_tenant(tx, tenant); });
    const App shop = insert_app("Shop");
    const std::string sentence =
        "conflict: The tenant acme has all the apps that it may have, 1: delete one, or raise max_apps in "
        "its "
        "settings.";
    EXPECT_EQ(refusal_of([&](Tx& tx) { identity::insert_app(tx, acme, make_app("Till")); }), sentence);
    write([&](Tx& tx) { return delete_app(tx, acme, shop); });
    insert_app("Till");
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_app(tx, acme, shop.id); }), sentence);
}

TEST_P(AppTest, TheLastPlaceIsTakenOnce) {
    Tenant tenant = *read([&](Tx& tx) { return find_tenant(tx, acme); });
    tenant.settings = R"({"max_apps": 3})";
    write([&](Tx& tx) { return update_tenant(tx, tenant); });
    test::run_at_once(8, [&](int i) {
        const App app = make_app("App " + std::to_string(i));
        while (refusal_of([&](Tx& tx) { identity::insert_app(tx, acme, app); }).starts_with("unavailable:")) {
        }
    });
    EXPECT_EQ(run_sql("SELECT count(*) FROM apps"), "3");
}

}  // namespace
}  // namespace lodestone::identity
