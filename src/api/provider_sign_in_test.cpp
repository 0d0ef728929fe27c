// Signing in with a provider as a browser does it: out by the first address, to the provider of the test, and
// back with what that gave; and everything that does not come back as it left.
#include "api/provider_sign_in.hpp"

#include <boost/json/array.hpp>

#include "support/api_test.hpp"
#include "support/openid_provider.hpp"

namespace lodestone::api {
namespace {

namespace json = boost::json;
using test::Reply;

class ProviderApi : public test::ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        owners_key_ = make_tenant("acme");
        app::Config config;
        config.server.public_url = "https://registry.example";
        config.egress.allowed_networks = reachable();
        federate(config);
        add_provider("corporate");
    }
    // Private networks where the operator lets providers be asked.
    virtual std::vector<http::Network> reachable() const { return {*http::parse_network("127.0.0.0/8")}; }
    void add_provider(const std::string& id) {
        act_as(owners_key_);
        const Reply made = ask("POST /api/v1/tenants/acme/providers",
                               R"({"id":")" + id + R"(","name":")" + id + R"(","issuer":")" + idp_.issuer() +
                                   R"(","client_id":"lode","client_secret":"s3cret","group_claim":"groups",)"
                                   R"("group_roles":{"leads":["admin"],"staff":["developer"]},)"
                                   R"("registration":"everybody"})");
        ASSERT_EQ(made.status, 201) << made.body;
        act_as("");
    }

    // Where the browser is, and what it has.
    struct Journey {
        std::map<std::string, std::string> question;
        std::string cookie;
        std::string code;
    };
    Reply try_to_leave(const std::string& provider = "corporate", const std::string& headers = {}) {
        return ask("GET /api/v1/tenants/acme/sign-in/" + provider, "", headers);
    }
    Journey leave(const std::string& headers = {}) {
        const Reply sent = try_to_leave("corporate", headers);
        EXPECT_EQ(sent.status, 303) << sent.body;
        const std::string url(sent.header("location"));
        EXPECT_TRUE(url.starts_with(idp_.issuer() + "/authorize?")) << url;
        const std::string cookie(sent.header("set-cookie"));
        EXPECT_NE(cookie.find("; HttpOnly; SameSite=Lax"), std::string::npos) << cookie;
        EXPECT_NE(cookie.find("; Secure"), std::string::npos) << cookie;
        return {.question = test::read_form(url.substr(url.find('?') + 1)),
                .cookie = cookie.substr(0, cookie.find(';')),
                .code = {}};
    }
    Journey agree(const json::object& claims) {
        Journey journey = leave();
        journey.code = idp_.agree(journey.question, claims);
        return journey;
    }
    Reply come_back(const Journey& journey, const std::string& rest = {},
                    const std::string& provider = "corporate") {
        return ask("GET /api/v1/tenants/acme/sign-in/" + provider +
                       "/callback?state=" + journey.question.at("state") + "&code=" + journey.code + rest,
                   "", "Cookie: other=1; " + journey.cookie + "\r\n");
    }
    Reply sign_in(const json::object& claims) { return come_back(agree(claims)); }
    std::vector<std::string> roles_of(const std::string& user) {
        act_as(owners_key_);
        const Reply listed = ask("GET /api/v1/tenants/acme/users/" + user + "/roles");
        act_as("");
        std::vector<std::string> roles;
        for (const auto& role : listed.json.at("roles").as_array())
            roles.emplace_back(role.at("role").as_string());
        return roles;
    }

    test::OpenIdProvider idp_{clock()};
    std::string owners_key_;
    const json::object bob_{{"sub", "b-1"}, {"preferred_username", "bob"}};
};
INSTANTIATE_ON_EVERY_DATABASE(ProviderApi);

TEST_P(ProviderApi, OpensASession) {
    const Journey journey = agree(bob_);
    EXPECT_EQ(journey.question.at("response_type"), "code");
    EXPECT_EQ(journey.question.at("code_challenge_method"), "S256");
    const Reply signed_in = come_back(journey);
    ASSERT_EQ(signed_in.status, 200) << signed_in.body;
    EXPECT_EQ(signed_in.header("cache-control"), "no-store");
    EXPECT_EQ(signed_in.header("referrer-policy"), "no-referrer");
    const std::string its_cookie = journey.cookie.substr(0, journey.cookie.find('='));
    EXPECT_TRUE(signed_in.header("set-cookie").starts_with(its_cookie + "=; "));
    act_as(signed_in.at("/access_token"));
    const Reply me = ask("GET /api/v1/me");
    EXPECT_EQ(me.at("/name"), "bob");
    EXPECT_EQ(me.at("/session_id"), signed_in.at("/session_id"));
    const std::string user = "/api/v1/tenants/acme/users/" + signed_in.at("/user_id");
    EXPECT_EQ(ask("GET " + user + "/sessions").at("/items/0/method"), "provider");
    act_as("");
    EXPECT_EQ(sign_in(bob_).at("/user_id"), signed_in.at("/user_id")) << "the same person, not another one";
}

TEST_P(ProviderApi, AnAddressHasSoManyUnderWay) {
    int departures = 0;
    while (departures < 500 && try_to_leave().status == 303) ++departures;
    EXPECT_GT(departures, 5) << "a family behind one address";
    EXPECT_LT(departures, 500);
    EXPECT_EQ(try_to_leave().status, 429);
    const int kept = std::stoi(run_sql("SELECT count(*) FROM provider_sign_ins"));
    EXPECT_EQ(kept, departures) << "what was refused left nothing";
}

TEST_P(ProviderApi, AReturnIsGoodOnceAndInItsBrowser) {
    const Journey journey = agree(bob_);
    Journey made_up = journey;
    made_up.question["state"] = "made-up";
    EXPECT_EQ(come_back(made_up).status, 403);
    Journey elsewhere = agree(bob_);
    const std::size_t value = journey.cookie.find('=') + 1;
    elsewhere.cookie = elsewhere.cookie.substr(0, value) + journey.cookie.substr(value);
    EXPECT_EQ(
        come_back(elsewhere).refusal(),
        "403 forbidden This sign-in cannot be finished: it was begun in another browser, or cookies are "
        "off. Begin again.");
    elsewhere = agree(bob_);
    elsewhere.cookie = "lodestone_sign_in=";
    EXPECT_EQ(come_back(elsewhere).status, 403) << "without its cookie";
    EXPECT_EQ(come_back(journey).status, 200);
    EXPECT_EQ(come_back(journey).status, 403) << "the state is spent";
}

TEST_P(ProviderApi, ACodeIsGoodOnceAndForItsOwnSignIn) {
    const Journey first = agree(bob_);
    Journey injected = leave();
    injected.code = first.code;
    EXPECT_EQ(come_back(injected).status, 502) << "its proof key is another sign-in's";
    EXPECT_EQ(come_back(first).status, 200);
    Journey replayed = leave();
    replayed.code = first.code;
    EXPECT_EQ(come_back(replayed).status, 502) << "the provider gives nothing for it a second time";
    EXPECT_EQ(idp_.last_form().at("redirect_uri"),
              "https://registry.example/api/v1/tenants/acme/sign-in/corporate/callback");
}

TEST_P(ProviderApi, BelievesNoTokenOfAnotherSignIn) {
    json::object claims = bob_;
    claims["nonce"] = "another";
    EXPECT_EQ(sign_in(claims).refusal(),
              "502 bad-upstream The provider corporate sent an identity token that does not belong to this "
              "sign-in.");
    claims = bob_;
    claims["aud"] = "another client";
    EXPECT_EQ(sign_in(claims).status, 502);
    const Journey denied = leave();
    EXPECT_EQ(come_back(denied, "&error=access_denied").status, 403);
    EXPECT_EQ(come_back(agree(bob_), "&iss=https%3A%2F%2Fother.example").status, 403);
    EXPECT_EQ(run_sql("SELECT count(*) FROM users WHERE username = 'bob'"), "0");
}

// Where the browser comes back to is said by the configuration, never by what a client sends.
TEST_P(ProviderApi, ComesBackToItsOwnAddressAlone) {
    const std::string way_back = "https://registry.example/api/v1/tenants/acme/sign-in/corporate/callback";
    EXPECT_EQ(leave("X-Forwarded-Host: evil.example\r\n").question.at("redirect_uri"), way_back);
    EXPECT_EQ(
        try_to_leave("corporate?redirect_uri=https%3A%2F%2Fevil.example").header("location").find("evil"),
        std::string::npos);
    add_provider("second");
    EXPECT_EQ(come_back(agree(bob_), {}, "second").status, 403) << "another provider's state";
    EXPECT_EQ(try_to_leave("nobody").status, 404);
}

TEST_P(ProviderApi, GroupsReplaceRoles) {
    const auto with_groups = [&](json::array groups) {
        json::object claims = bob_;
        claims["groups"] = std::move(groups);
        return sign_in(claims).at("/user_id");
    };
    const std::string bob = with_groups({"leads", "staff"});
    EXPECT_EQ(roles_of(bob), (std::vector<std::string>{"admin", "developer"}));
    with_groups({"staff"});
    EXPECT_EQ(roles_of(bob), std::vector<std::string>{"developer"});
    with_groups({"nothing of ours"});
    EXPECT_TRUE(roles_of(bob).empty());
}

TEST_P(ProviderApi, IsRuledOutByTheTenant) {
    const Journey under_way = agree(bob_);
    act_as(owners_key_);
    ASSERT_EQ(ask("PATCH /api/v1/tenants/acme", R"({"settings":{"allowed_auth_methods":["password","key"]}})",
                  if_match("*"))
                  .status,
              200);
    act_as("");
    EXPECT_EQ(try_to_leave().refusal(), "403 forbidden This organisation lets nobody in by a provider.");
    EXPECT_EQ(come_back(under_way).status, 403);
}

// Administrators of tenants name providers: what is private is reached only where the operator says so.
class UnreachableProviderApi : public ProviderApi {
  protected:
    std::vector<http::Network> reachable() const override { return {}; }
};
INSTANTIATE_ON_EVERY_DATABASE(UnreachableProviderApi);

TEST_P(UnreachableProviderApi, IsNotAsked) {
    const Reply refused = try_to_leave();
    EXPECT_EQ(refused.status, 502) << refused.body;
    EXPECT_NE(refused.at("/detail").find("could not be asked for its keys"), std::string::npos);
}

}  // namespace
}  // namespace lodestone::api
