// Proxies and groups over HTTP, on both engines, of a format that is the tests' own: no other serves them
// yet.
#include "base/package_limits.hpp"
#include "support/shop_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

class RepositoryKindsApi : public test::ShopTest {
  protected:
    Reply make(const std::string& name, const std::string& kind, const std::string& more = {}) {
        return ask("POST " + list, R"({"app_id":"shop","format":"shelf","name":")" + name + R"(","kind":")" +
                                       kind + "\"" + more + "}");
    }
    Reply make_mirror() { return make("mirror", "proxy", R"(,"settings":)" + upstream + secret); }
    Reply change(const std::string& name, const std::string& fields, const std::string& etag = "*") {
        return ask("PATCH " + list + "/" + name, "{" + fields + "}", if_match(etag));
    }
    static std::string members(const std::vector<std::string>& ids) {
        std::string text;
        for (const std::string& id : ids) text += (text.empty() ? "\"" : ",\"") + id + '"';
        return R"("settings":{"members":[)" + text + "]}";
    }

    const std::string list = "/api/v1/tenants/acme/repositories";
    const std::string upstream =
        R"({"upstream":{"url":"https://upstream.example/index","username":"robot"}})";
    const std::string secret = R"(,"upstream_secret":"hush-hush")";
};
INSTANTIATE_ON_EVERY_DATABASE(RepositoryKindsApi);

TEST_P(RepositoryKindsApi, FormatsSayWhichTheyServe) {
    const Reply formats = ask("GET /api/v1/formats");
    EXPECT_EQ(formats.at("/formats/0/name") + formats.at("/formats/0/kinds"), R"(generic["hosted"])");
    EXPECT_EQ(formats.at("/formats/2/name") + formats.at("/formats/2/kinds"),
              R"(shelf["hosted","proxy","group"])");
}

TEST_P(RepositoryKindsApi, AProxyIsMadeShownAndChanged) {
    const Reply made = make_mirror();
    ASSERT_EQ(made.status, 201) << made.body;
    for (const Reply& shown :
         {made, ask("GET " + list + "/mirror"), ask("GET " + list + "/" + made.at("/id"))}) {
        EXPECT_EQ(shown.at("/kind") + " " + shown.at("/has_upstream_secret"), "proxy true") << shown.body;
        EXPECT_EQ(shown.at("/settings"), upstream);
        EXPECT_EQ(shown.body.find("hush"), shown.body.npos);
    }
    const std::string stored = run_sql("SELECT upstream_secret FROM repositories");
    EXPECT_TRUE(stored.starts_with("v1.")) << "sealed, never as it was sent";
    EXPECT_EQ(ask("GET " + list + "?kind=proxy").at("/items/0/name"), "mirror");
    EXPECT_EQ(ask("GET " + list + "?kind=group").at("/items"), "[]");

    EXPECT_EQ(change("mirror", R"("description":"Of all")", "\"7\"").status, 412);
    EXPECT_EQ(ask("PATCH " + list + "/mirror", R"({"description":"Of all"})").status, 428);
    EXPECT_EQ(change("mirror", R"("description":"Of all")", "\"1\"").at("/has_upstream_secret"), "true");
    EXPECT_EQ(run_sql("SELECT upstream_secret FROM repositories"), stored) << "what is not sent stays";
    const std::string elsewhere = R"("settings":{"upstream":{"url":"https://other.example"}})";
    EXPECT_EQ(change("mirror", elsewhere).refusal(),
              "400 invalid-input The field upstream_secret was given for another host than "
              "settings.upstream.url has now: send it again, or null.");
    EXPECT_EQ(change("mirror", elsewhere + R"(,"upstream_secret":"psst")").at("/has_upstream_secret"),
              "true");
    EXPECT_NE(run_sql("SELECT upstream_secret FROM repositories"), stored);
    EXPECT_EQ(change("mirror", R"("upstream_secret":null)").at("/has_upstream_secret"), "false");
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE details LIKE '%hush%' OR details LIKE '%v1.%'"), "0");
}

TEST_P(RepositoryKindsApi, AFieldOfAnotherKindIsRefusedByItsName) {
    const Reply refused = make("mirror", "proxy");
    EXPECT_EQ(
        refused.refusal(),
        "400 invalid-input The field settings.upstream is missing: a proxy has to know where it fetches "
        "from.");
    EXPECT_EQ(refused.at("/errors/0/pointer"), "/settings/upstream") << refused.body;
    EXPECT_EQ(make("files", "hosted", secret).refusal(),
              "400 invalid-input The field upstream_secret means nothing to a repository of the kind hosted: "
              "leave it out.");
    EXPECT_EQ(
        make("all", "group", R"(,"settings":{"quota":{}})").refusal(),
        "400 invalid-input The field settings.quota means nothing to a repository of the kind group: leave "
        "it out.");
    EXPECT_EQ(ask("GET " + list).at("/items"), "[]");
}

// What no format of the program serves, nobody can make: there is nothing that would fetch.
TEST_P(RepositoryKindsApi, WhatIsNotServedIsNotMade) {
    for (const char* format : {"generic", "oci"})
        for (const char* kind : {"proxy", "group"})
            EXPECT_EQ(ask("POST " + list, R"({"app_id":"shop","name":"one","format":")" +
                                              std::string(format) + R"(","kind":")" + kind + "\"}")
                          .refusal(),
                      "400 invalid-input The field kind must be hosted: of the format " +
                          std::string(format) + " no other kind is served yet.");
}

TEST_P(RepositoryKindsApi, AGroupIsMadeOfWhatWhoeverMakesItMaySee) {
    const std::string files = make("files", "hosted").at("/id");
    const Reply made = make("all", "group", "," + members({files}));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.at("/settings/members/0"), files);
    EXPECT_EQ(
        change("all", members({made.at("/id")})).refusal(),
        "400 invalid-input The field settings.members[0] must not be a group: name its members instead.");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps", R"({"id":"till","name":"Till"})").status, 201);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"ann","username":"ann"})").status, 201);
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/apps/till/members/ann", R"({"role":"maintainer"})").status, 200);
    act_as(make_key("acme", "ann"));
    const auto make_hers = [&](const std::string& more) {
        return ask("POST " + list,
                   R"({"app_id":"till","format":"shelf","kind":"group","name":"hers")" + more + "}");
    };
    EXPECT_EQ(make_hers("," + members({files})).status, 403) << "the shop's is nothing of hers";
    ASSERT_EQ(make_hers({}).status, 201) << "and nothing was made then";
    EXPECT_EQ(change("hers", members({files})).status, 403);
    EXPECT_EQ(change("hers", R"("description":"Hers")").status, 200);
}

TEST_P(RepositoryKindsApi, StrangersLearnNothingOfAnUpstream) {
    ASSERT_EQ(make("mirror", "proxy", R"(,"visibility":"public","settings":)" + upstream + secret).status,
              201);
    act_as("");
    const Reply outside = ask("GET " + list + "/mirror");
    EXPECT_EQ(outside.at("/name") + outside.at("/settings") + outside.at("/has_upstream_secret"),
              "mirror{}false")
        << outside.body;
}

// In the one place where publishing is done, and before the body; in the protocol's own words.
TEST_P(RepositoryKindsApi, OnlyWhatIsHostedTakesPublications) {
    ASSERT_EQ(make("files", "hosted").status, 201);
    ASSERT_EQ(make_mirror().status, 201);
    ASSERT_EQ(make("all", "group").status, 201);
    const std::string type = "Content-Type: text/plain\r\n";
    const std::string end = " and takes no publications: publish to one of the kind hosted.";
    EXPECT_EQ(ask("PUT /shelf/acme/files/tool/1.0/a", "bytes", type).status, 201);
    for (const std::string name : {"mirror", "all"}) {
        const Reply refused = ask("PUT /shelf/acme/" + name + "/tool/1.0/a", "bytes", type);
        EXPECT_EQ(std::to_string(refused.status) + " " + refused.at("/errors/0/code"), "409 DENIED");
        EXPECT_EQ(refused.at("/errors/0/message"),
                  "The repository " + name + " is a " + (name == "all" ? "group" : "proxy") + end);
        const Reply unread = ask("PUT /shelf/acme/" + name + "/tool/1.0/a", {},
                                 type + "Content-Length: 1000000000\r\nExpect: 100-continue\r\n");
        EXPECT_EQ(unread.status, 409) << "nobody sends in vain";
    }
}

}  // namespace
}  // namespace lodestone::api
