// `npm login`, `npm token`, `npm whoami` and `npm logout`, and what is told of oneself.
#include <gmock/gmock.h>

#include "identity/nouns/credentials.hpp"
#include "identity/secrets/password_hash.hpp"
#include "support/npm_shop.hpp"

namespace lodestone::formats::npm {
namespace {

using test::Reply;

constexpr const char* password = "a quiet morning walk";

class NpmLogin : public test::NpmShop {
  protected:
    void SetUp() override {
        NpmShop::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        const std::string owner = make_key("acme", "owner");
        act_as(owner);
        ASSERT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"ann","username":"ann"})").status, 201);
        write([](db::Tx& tx) {
            identity::store_password(tx, TenantId::trusted("acme"), identity::UserId::trusted("ann"),
                                     *identity::hash_password(password, {.passes = 1, .memory_kib = 8}));
        });
        act_as("");
    }
    bool is_sqlite() { return database().engine().kind() == db::EngineKind::sqlite; }
    Reply login(const std::string& name, const std::string& text, const std::string& headers = {}) {
        return ask("PUT " + at("-/user/org.couchdb.user:" + name),
                   R"({"_id":"org.couchdb.user:)" + name + R"(","name":")" + name + R"(","password":")" +
                       text + R"(","type":"user","roles":[]})",
                   headers);
    }
};
INSTANTIATE_ON_EVERY_DATABASE(NpmLogin);

TEST_P(NpmLogin, GivesAKeyForAPassword) {
    const Reply made = login("ann", password);
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string token = made.at("/token");
    act_as(token);
    EXPECT_EQ(fetch("-/whoami").at("/username"), "ann");
    EXPECT_EQ(fetch("-/npm/v1/user").at("/name"), "ann");
    EXPECT_EQ(fetch("-/ping").status, 200);
    const Reply list = fetch("-/npm/v1/tokens");
    EXPECT_EQ(list.at("/total"), "1") << list.body;
    EXPECT_EQ(list.at("/objects/0/name"), "npm login");
    EXPECT_EQ(list.body.find(token), list.body.npos);
    EXPECT_EQ(ask("DELETE " + at("-/user/token/" + token)).status, 200);
    EXPECT_EQ(fetch("-/whoami").status, 401);
    EXPECT_EQ(run_sql("SELECT count(*) FROM sessions WHERE revoked_at IS NULL"), "0")
        << "no session stays open";
}

TEST_P(NpmLogin, TellsStrangersNothing) {
    const Reply wrong = login("ann", "wrong");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(login("bob", "wrong").at("/error"), wrong.at("/error"));
    EXPECT_EQ(fetch("-/whoami").status, 401);
    EXPECT_EQ(fetch("-/npm/v1/tokens").status, 401);
    for (const char* body : {"", "[]", "{}", R"({"name":"ann"})", R"({"name":"bob","password":"x"})"})
        EXPECT_EQ(ask("PUT " + at("-/user/org.couchdb.user:ann"), body).status, 400) << body;
    EXPECT_EQ(ask("PUT " + at("-/user/ann"), "{}").status, 404);
    EXPECT_EQ(run_sql("SELECT count(*) FROM keys WHERE user_id = 'ann'"), "0");
}

// A policy or a duty that keeps somebody from making keys keeps from this, too.
TEST_P(NpmLogin, IsNoWayAroundOnesDuties) {
    run_sql("UPDATE user_credentials SET must_change_password = " + std::string(is_sqlite() ? "1" : "true"));
    const Reply refused = login("ann", password);
    EXPECT_EQ(refused.status, 403) << refused.body;
    EXPECT_EQ(refused.at("/error"), "Choose another password in the console first.");
    EXPECT_EQ(run_sql("SELECT count(*) FROM keys WHERE user_id = 'ann'"), "0");
    EXPECT_EQ(run_sql("SELECT count(*) FROM sessions WHERE revoked_at IS NULL"), "0");
}

TEST_P(NpmLogin, KeysAreMadeAndRevoked) {
    act_as(login("ann", password).at("/token"));
    const std::string tokens = at("-/npm/v1/tokens");
    const Reply made = ask("POST " + tokens, R"({"password":"a quiet morning walk","readonly":true})");
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_EQ(made.at("/readonly"), "true");
    EXPECT_EQ(ask("POST " + tokens, R"({"password":"wrong"})").status, 401);
    EXPECT_EQ(ask("POST " + tokens, R"({"readonly":true})").status, 400);
    EXPECT_EQ(ask("POST " + tokens, R"({"password":"a quiet morning walk","cidr_whitelist":["x"]})").status,
              400);
    EXPECT_EQ(fetch("-/npm/v1/tokens").at("/total"), "2");
    EXPECT_EQ(ask("DELETE " + tokens + "/token/" + made.at("/key")).status, 204);
    EXPECT_EQ(ask("DELETE " + tokens + "/token/none").status, 404);
    EXPECT_EQ(fetch("-/npm/v1/tokens").at("/total"), "1");
    const std::string own = fetch("-/npm/v1/tokens").at("/objects/0/key");
    const std::string ann = make_key("acme", "ann");
    act_as(make_key("acme", "owner"));
    EXPECT_EQ(ask("DELETE " + tokens + "/token/" + own).status, 404) << "somebody else's";
    act_as(ann);
    EXPECT_EQ(ask("DELETE " + at("-/user/token/" + make_key("acme", "ann"))).status, 404)
        << "not the one shown";
}

TEST_P(NpmLogin, WhoseKeyIsAboutToEndIsTold) {
    act_as(login("ann", password).at("/token"));
    EXPECT_EQ(fetch("-/whoami").header("npm-notice"), "");
    clock().advance(std::chrono::days(85));
    EXPECT_THAT(fetch("-/whoami").header("npm-notice"),
                ::testing::StartsWith("The key that you use ends at "));
}

// Clients ask before each publication, and go on with their key where nobody is trusted.
TEST_P(NpmLogin, PipelinesAreToldThatNobodyTrustsThem) {
    for (const char* address : {"/-/npm/v1/oidc/token/exchange/package/@acme%2fpad",
                                "/npm/acme/packages/-/npm/v1/oidc/token/exchange/package/@acme%2fpad"}) {
        const Reply refused = ask("POST " + std::string(address), {}, "Authorization: Bearer a.b.c\r\n");
        EXPECT_EQ(refused.status, 404) << refused.body;
        EXPECT_EQ(refused.at("/reason"), "not_found");
    }
}

TEST_P(NpmLogin, RightsAreToldAndNotChanged) {
    act_as(owner_);
    ASSERT_EQ(publish({}).status, 201);
    EXPECT_EQ(fetch("-/package/left-pad/visibility").at("/public"), "false");
    EXPECT_EQ(fetch("-/package/left-pad/collaborators").at("/owner"), "write");
    EXPECT_EQ(fetch("-/package/none/collaborators").status, 404);
    EXPECT_EQ(ask("POST " + at("-/package/left-pad/access"), R"({"access":"public"})").status, 403);
    EXPECT_EQ(ask("POST " + at("-/npm/v1/security/advisories/bulk"), R"({"left-pad":["1.0.0"]})").body,
              "{}\n");
    EXPECT_EQ(ask("POST " + at("-/npm/v1/security/audits/quick"), "{}").at("/metadata/vulnerabilities/high"),
              "0");
    const Reply keys = fetch("-/npm/v1/keys");
    EXPECT_EQ(keys.at("/keys/0/keyid"), fetch("left-pad").at("/versions/1.0.0/dist/signatures/0/keyid"));
}

TEST_P(NpmLogin, AttestationsAreKept) {
    act_as(owner_);
    const boost::json::object bundle{{"content_type", "application/vnd.dev.sigstore.bundle.v0.3+json"},
                                     {"data", R"({"mediaType":"x"})"},
                                     {"length", 17}};
    ASSERT_EQ(publish({.name = "@acme/pad", .attachments = {{"@acme/pad-1.0.0.sigstore", bundle}}}).status,
              201);
    const Reply document = fetch("@acme%2fpad");
    EXPECT_EQ(document.at("/versions/1.0.0/dist/attestations/url"),
              "http://registry.example/-/npm/v1/attestations/%40acme%2Fpad%401.0.0")
        << "clients put its path behind the registry's";
    for (const char* spec : {"@acme%2fpad@1.0.0", "%40acme%2Fpad%401.0.0", "@acme/pad@1.0.0"})
        EXPECT_EQ(fetch("-/npm/v1/attestations/" + std::string(spec)).at("/attestations/0/bundle/mediaType"),
                  "x")
            << spec;
    EXPECT_EQ(fetch("-/npm/v1/attestations/@acme%2fpad@2.0.0").status, 404);
}

}  // namespace
}  // namespace lodestone::formats::npm
