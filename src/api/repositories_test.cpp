// The life of a repository over HTTP, on both engines. What all nouns share is in tenants_test.cpp.
#include "support/shop_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

class RepositoryApi : public test::ShopTest {
  protected:
    Reply make(const std::string& name, const std::string& more = {}) {
        return ask("POST " + list,
                   R"({"app_id":"shop","format":"generic","name":")" + name + "\"" + more + "}");
    }
    std::string names(const std::string& query = {}) {
        const Reply page = ask("GET " + list + query);
        std::string all = page.status == 200 ? "" : page.refusal();
        if (page.status == 200)
            for (const auto& item : page.json.at("items").as_array())
                all += (all.empty() ? "" : " ") + std::string(item.at("name").as_string());
        return all;
    }

    const std::string list = "/api/v1/tenants/acme/repositories";
};
INSTANTIATE_ON_EVERY_DATABASE(RepositoryApi);

TEST_P(RepositoryApi, IsMadeAndFoundByNameAndId) {
    const Reply made =
        make("files", R"(,"visibility":"public","description":"All","settings":{"overwrite":"allowed"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.header("location"), list + "/" + made.at("/id"));
    EXPECT_EQ(made.at("/kind") + " " + made.at("/visibility") + " " + made.at("/settings/overwrite"),
              "hosted public allowed");
    for (const std::string& called : {std::string("files"), made.at("/id")}) {
        const Reply shown = ask("GET " + list + "/" + called);
        EXPECT_EQ(shown.at("/id"), made.at("/id"));
        EXPECT_EQ(shown.at("/usage/bytes"), "0");
        EXPECT_EQ(shown.header("etag"), "\"1\"");
    }
    EXPECT_EQ(ask("GET " + list + "/other").refusal(),
              "404 not-found There is no repository \"other\" here.");
}

TEST_P(RepositoryApi, IsRefusedInWords) {
    EXPECT_EQ(make("Files").status, 400);
    EXPECT_EQ(
        make("files", R"(,"kind":"proxy")").refusal(),
        "400 invalid-input The field kind must be hosted: of the format generic no other kind is served "
        "yet.");
    EXPECT_EQ(ask("POST " + list, R"({"app_id":"none","format":"generic","name":"files"})").refusal(),
              "404 not-found There is no app none.");
    EXPECT_EQ(make("files", R"(,"settings":{"quota":{"max_files":1}})").refusal(),
              "400 invalid-input There is no field settings.quota.max_files; there are: max_bytes, "
              "max_packages.");
    ASSERT_EQ(make("files").status, 201);
    EXPECT_EQ(make("files").refusal(),
              "409 conflict There is a repository named files already; choose another name.");
}

TEST_P(RepositoryApi, IsChangedDeletedAndRestored) {
    const std::string id = make("files").at("/id");
    EXPECT_EQ(ask("PATCH " + list + "/files", R"({"description":"More"})").status, 428);
    const Reply changed = ask("PATCH " + list + "/files", R"({"description":"More"})", if_match("\"1\""));
    EXPECT_EQ(changed.at("/description"), "More") << changed.body;
    EXPECT_EQ(ask("PATCH " + list + "/files", R"({"name":"other"})", if_match("\"2\"")).status, 400)
        << "rules are about its name";
    EXPECT_EQ(ask("DELETE " + list + "/files", "", if_match("\"1\"")).status, 412);
    EXPECT_EQ(ask("DELETE " + list + "/files").status, 204);
    EXPECT_EQ(names(), "");
    EXPECT_EQ(ask("POST " + list + "/files/restore").status, 404) << "by its id only";
    EXPECT_EQ(ask("POST " + list + "/" + id + "/restore").at("/name"), "files");
    EXPECT_EQ(names(), "files");
}

TEST_P(RepositoryApi, IsShownToEverybodyOnlyByWhoMayFetchItsPackages) {
    ASSERT_EQ(make("sec").status, 201);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/policies",
                  R"({"name":"No","effect":"deny","subjects":["*"],"actions":["package:*"],)"
                  R"("resources":["package:sec/*"]})")
                  .status,
              201);
    EXPECT_EQ(ask("PATCH " + list + "/sec", R"({"visibility":"public"})", if_match("\"1\"")).status, 403);
}

// Whom a policy keeps from one package, it would keep from nothing any more.
TEST_P(RepositoryApi, IsNotShownToEverybodyWhereThatWouldEvadeAPolicy) {
    ASSERT_EQ(make("sec").status, 201);
    const std::string policy = R"({"name":"No","effect":"deny","actions":["package:*"],)"
                               R"("resources":["package:sec/plans"],"subjects":)";
    const Reply made = ask("POST /api/v1/tenants/acme/policies", policy + R"(["role:developer"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    const auto show = [&] {
        return ask("PATCH " + list + "/sec", R"({"visibility":"public"})", if_match("*"));
    };
    EXPECT_EQ(show().refusal(),
              "409 conflict The policy \"No\" denies some of what is in the repository to people who could "
              "read it as strangers, were it public: have it deny \"anonymous\", too, or change it first.");
    EXPECT_EQ(make("other", R"(,"visibility":"public")").status, 201) << "it is about another repository";
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/policies/" + made.at("/id"),
                  R"({"subjects":["role:developer","anonymous"]})", if_match("*"))
                  .status,
              200);
    EXPECT_EQ(show().status, 200) << "now it keeps strangers out, too";
}

// Whoever manages an app, and not the tenant.
TEST_P(RepositoryApi, IsMadeAndListedByWhoManagesItsApp) {
    ASSERT_EQ(make("files").status, 201);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps", R"({"id":"till","name":"Till"})").status, 201);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"ann","username":"ann"})").status, 201);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"bob","username":"bob"})").status, 201);
    for (const auto& [user, role] : {std::pair("ann", "maintainer"), std::pair("bob", "viewer")})
        EXPECT_EQ(ask("PUT /api/v1/tenants/acme/apps/shop/members/" + std::string(user),
                      R"({"role":")" + std::string(role) + "\"}")
                      .status,
                  200);
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(make("hers").status, 201);
    EXPECT_EQ(ask("POST " + list, R"({"app_id":"till","format":"generic","name":"theirs"})").status, 403);
    EXPECT_EQ(ask("POST " + list, R"({"app_id":"none","format":"generic","name":"theirs"})").status, 403);
    EXPECT_EQ(names("?app_id=shop"), "files hers");
    EXPECT_EQ(names("?app_id=till").substr(0, 3), "403");
    EXPECT_EQ(names("?app_id=till&app_id=shop").substr(0, 3), "403") << "the first, or none";
    EXPECT_EQ(names("?app_id=shop&app_id=till").substr(0, 3), "400");
    EXPECT_EQ(names().substr(0, 3), "403") << "of all apps";
    act_as(make_key("acme", "bob"));
    EXPECT_EQ(make("his").status, 403);
    EXPECT_EQ(names("?app_id=shop"), "files hers");
    act_as(
        make_key("acme", "ann", identity::Scopes({{.actions = {"package:*"}, .resources = {}, .tags = {}}})));
    EXPECT_EQ(make("another").status, 403) << "the key is not good for it";
}

TEST_P(RepositoryApi, SaysToStrangersNothingOfWhoMadeItAndHow) {
    ASSERT_EQ(make("files", R"(,"visibility":"public","settings":{"overwrite":"allowed"})").status, 201);
    const std::string owner = make_key("acme", "owner");
    const Reply inside = ask("GET " + list + "/files");
    EXPECT_NE(inside.at("/created_by"), "");
    EXPECT_EQ(inside.at("/settings/overwrite"), "allowed");
    const std::string stranger = make_tenant("other");
    for (const std::string& who : {std::string(), stranger}) {
        act_as(who);
        const Reply outside = ask("GET " + list + "/files");
        EXPECT_EQ(outside.at("/name"), "files") << outside.body;
        EXPECT_EQ(outside.at("/created_by") + outside.at("/updated_by") + outside.at("/settings"), "{}");
    }
    act_as(owner);
}

TEST_P(RepositoryApi, IsListedWithFiltersAndPages) {
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps", R"({"id":"till","name":"Till"})").status, 201);
    for (const char* name : {"beta", "alpha", "gamma"}) EXPECT_EQ(make(name).status, 201);
    EXPECT_EQ(ask("POST " + list, R"({"app_id":"till","format":"generic","name":"delta"})").status, 201);
    EXPECT_EQ(names(), "alpha beta delta gamma");
    EXPECT_EQ(names("?app_id=till"), "delta");
    EXPECT_EQ(names("?search=amm&format=generic&kind=hosted&visibility=private"), "gamma");
    EXPECT_EQ(names("?colour=red").substr(0, 3), "400");
    const Reply first = ask("GET " + list + "?limit=3");
    EXPECT_EQ(names("?limit=3&cursor=" + first.at("/next")), "gamma");
}

}  // namespace
}  // namespace lodestone::api
