// Keys over HTTP, on both engines: made, shown once, changed, rotated, revoked; for oneself and for apps, and
// never for more than whoever makes them may do.
#include "support/shop_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

class KeyApi : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        EXPECT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"alice","username":"alice"})").status, 201);
    }
    // With this key alone.
    int status_with(const std::string& key, const std::string& line) {
        return ask(line, "", "Authorization: Bearer " + key + "\r\n").status;
    }

    const std::string own = "/api/v1/tenants/acme/users/owner/keys";
    const std::string robots = "/api/v1/tenants/acme/apps/shop/keys";
};
INSTANTIATE_ON_EVERY_DATABASE(KeyApi);

// What comes slowly is asked about twice: before the body, and behind it.
TEST_P(KeyApi, MakesNoOtherOnceItIsRevoked) {
    const Reply made = ask("POST " + own, R"({"name":"lost"})");
    const std::string body = R"({"name":"afterlife"})";
    test::RawClient thief(port());
    thief.send("POST " + own + " HTTP/1.1\r\nHost: registry.example\r\nAuthorization: Bearer " +
               made.at("/text") +
               "\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n");
    ASSERT_EQ(thief.read_answer().status, 100) << "admitted";
    EXPECT_EQ(ask("POST " + own + "/" + made.at("/id") + "/revoke").status, 200);
    clock().advance(std::chrono::seconds(1));
    thief.send(body);
    EXPECT_EQ(thief.read_answer().status, 401);
    EXPECT_EQ(ask("GET " + own + "?name=afterlife").at("/items"), "[]");
}

TEST_P(KeyApi, LivesAndItsTextIsShownOnce) {
    const Reply made = ask("POST " + own, R"({"name":"laptop","networks":["127.0.0.0/8"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.header("location"), own + "/" + made.at("/id"));
    EXPECT_EQ(made.header("cache-control"), "no-store");
    const std::string text = made.at("/text");
    EXPECT_EQ(status_with(text, "GET /api/v1/tenants/acme"), 200);
    const std::string address = own + "/" + made.at("/id");
    const Reply shown = ask("GET " + address);
    EXPECT_EQ(shown.status, 200);
    EXPECT_EQ(shown.body.find(text), shown.body.npos) << "a text is shown once";
    EXPECT_EQ(ask("GET " + own + "?name=lap").at("/items/0/id"), made.at("/id"));
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/keys?user_id=owner&name=lap").at("/items/0/id"), made.at("/id"));

    EXPECT_EQ(ask("PATCH " + address, R"({"name":"desk"})").status, 428);
    EXPECT_EQ(ask("PATCH " + address, R"({"name":"desk"})", if_match("\"1\"")).at("/name"), "desk");
    EXPECT_EQ(ask("PATCH " + address, R"({"name":"hall"})", if_match("\"1\"")).status, 412);

    const Reply rotated = ask("POST " + address + "/rotate", R"({"overlap_seconds":60})");
    ASSERT_EQ(rotated.status, 201) << rotated.body;
    EXPECT_EQ(rotated.header("location"), own + "/" + rotated.at("/id"));
    EXPECT_EQ(rotated.at("/rotated_from"), made.at("/id"));
    EXPECT_EQ(status_with(text, "GET /api/v1/tenants/acme"), 200) << "both work for a while";
    EXPECT_EQ(status_with(rotated.at("/text"), "GET /api/v1/tenants/acme"), 200);

    const Reply revoked = ask("POST " + address + "/revoke", R"({"reason":"Lost."})");
    EXPECT_EQ(revoked.at("/revoked_reason"), "Lost.") << revoked.body;
    EXPECT_EQ(status_with(text, "GET /api/v1/tenants/acme"), 401) << "from the next request on";
}

TEST_P(KeyApi, ARepetitionDoesNotShowTheTextAgain) {
    const std::string header = "Idempotency-Key: one\r\n";
    const Reply first = ask("POST " + own, R"({"name":"laptop"})", header);
    const Reply second = ask("POST " + own, R"({"name":"laptop"})", header);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(second.at("/id"), first.at("/id"));
    EXPECT_NE(first.at("/text"), "null");
    EXPECT_EQ(second.at("/text"), "null");
    EXPECT_EQ(run_sql("SELECT count(*) FROM kept_answers WHERE body LIKE '%" + first.at("/text") + "%'"),
              "0");
}

// User ids may be chosen: what one "owner" was answered is nothing for the other.
TEST_P(KeyApi, TwoTenantsMayUseTheSameIdempotencyKey) {
    const std::string header = "Idempotency-Key: one\r\n";
    const std::string mine = make_key("acme", "owner");
    const std::string others = make_tenant("other");
    act_as(mine);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps", R"({"name":"App"})", header).status, 201);
    act_as(others);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps", R"({"name":"App"})", header).status, 404);
    EXPECT_EQ(ask("POST /api/v1/tenants/other/apps", R"({"name":"App"})", header).status, 201);
    EXPECT_EQ(run_sql("SELECT count(DISTINCT key) FROM kept_answers"), "2");
}

TEST_P(KeyApi, OfAnAppIsARobots) {
    const Reply made = ask("POST " + robots, R"({"name":"ci"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.at("/app_id"), "shop");
    EXPECT_EQ(status_with(made.at("/text"), "GET /api/v1/tenants/acme/apps/shop"), 200);
    EXPECT_EQ(status_with(made.at("/text"), "GET /api/v1/tenants/acme/users"), 403);
    EXPECT_EQ(ask("GET " + own + "/" + made.at("/id")).status, 404) << "it is not the person's";
    EXPECT_EQ(ask("GET " + robots).at("/items/0/id"), made.at("/id"));
    EXPECT_EQ(ask("POST " + robots + "/" + made.at("/id") + "/rotate", "{}").status, 201);
    EXPECT_EQ(ask("PATCH " + robots + "/" + made.at("/id"), R"({"name":"cd"})", if_match("*")).status, 200);
    EXPECT_EQ(ask("POST " + robots + "/" + made.at("/id") + "/revoke", "{}").status, 200);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps/gone/keys", R"({"name":"ci"})").status, 404);
}

TEST_P(KeyApi, IsRotatedAndRevokedWithoutABody) {
    const std::string key = own + "/" + ask("POST " + own, R"({"name":"ci"})").at("/id");
    const Reply rotated = ask("POST " + key + "/rotate");
    EXPECT_EQ(rotated.status, 201) << rotated.body;
    EXPECT_EQ(ask("POST " + key + "/rotate", "", "Content-Length: 0\r\n").status, 201);
    const std::string text_body = "Content-Type: text/plain\r\n";
    EXPECT_EQ(ask("POST " + key + "/revoke", "lost", text_body).status, 415) << "what is sent is JSON";
    EXPECT_EQ(ask("POST " + key + "/revoke", R"({"why":"lost"})").status, 400);
    const Reply revoked = ask("POST " + key + "/revoke");
    EXPECT_EQ(revoked.status, 200) << revoked.body;
    EXPECT_EQ(revoked.at("/revoked_reason"), "");
}

TEST_P(KeyApi, IsForNoMoreThanItsMakerMayDo) {
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users/alice/keys", R"({"name":"mine"})").status, 403)
        << "an owner is not alice";
    const std::string few = R"({"name":"few","scopes":[{"actions":["key:*","app:read"]}]})";
    const std::string text = ask("POST " + own, few).at("/text");
    act_as(text);
    EXPECT_EQ(ask("POST " + own, R"({"name":"wide","scopes":[{"actions":["*"]}]})").status, 403);
    const Reply alike = ask("POST " + own, R"({"name":"alike"})");
    EXPECT_EQ(alike.at("/scopes/0/actions"), R"(["key:*","app:read"])") << alike.body;
    EXPECT_EQ(ask("PATCH " + own + "/" + alike.at("/id"), R"({"scopes":[{"actions":["*"]}]})", if_match("*"))
                  .status,
              403);
    EXPECT_EQ(ask("POST " + robots, R"({"name":"robot"})").status, 403)
        << "a robot may do more than that key";
    act_as(make_key("acme", "alice"));
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users/alice/keys", R"({"name":"mine"})").status, 201);
    EXPECT_EQ(ask("POST " + own, R"({"name":"his"})").status, 403);
    EXPECT_EQ(ask("POST " + robots, R"({"name":"robot"})").status, 403);
}

TEST_P(KeyApi, NamesTheFieldOfBadInput) {
    const std::vector<std::vector<std::string>> cases{
        {R"({})", "name"},
        {R"({"name":"k","type":"publisher"})", "type"},
        {R"({"name":"k","environment":"moon"})", "environment"},
        {R"({"name":"k","scopes":[{"resources":["*"]}]})", "actions"},
        {R"({"name":"k","scopes":[{"actions":["nonsense"]}]})", "scopes"},
        {R"({"name":"k","networks":["everywhere"]})", "networks"},
        {R"({"name":"k","expires_at":"2020-01-01T00:00:00Z"})", "expires_at"},
        {R"({"name":"k","text":"mine"})", "text"},
    };
    for (const auto& c : cases) {
        const Reply reply = ask("POST " + own, c[0]);
        EXPECT_EQ(reply.status, 400) << c[0] << reply.body;
        EXPECT_NE(reply.at("/detail").find(c[1]), std::string::npos) << reply.body;
    }
}

}  // namespace
}  // namespace lodestone::api
