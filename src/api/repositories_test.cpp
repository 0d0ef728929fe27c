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
    EXPECT_EQ(make("files", R"(,"kind":"proxy")").refusal(),
              "400 invalid-input The field kind must be hosted: proxy and group are not served yet.");
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
