// People and how they get in, over HTTP and on both engines: reset links, signing in, the second factor,
// invitations, registering, leaked tokens; and decisions explained.
#include "support/api_test.hpp"
#include "support/authenticator.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

class AccountApi : public test::ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        owners_key = make_tenant("acme");
        act_as(owners_key);
        EXPECT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"alice","username":"alice"})").status, 201);
    }
    // As an administrator gives somebody a password: by a link.
    void set_password(const std::string& user, const std::string& text) {
        act_as(owners_key);
        const Reply link = ask("POST /api/v1/tenants/acme/users/" + user + "/reset-links");
        ASSERT_EQ(link.status, 201) << link.body;
        EXPECT_EQ(link.header("location"), "") << "it is shown nowhere again";
        act_as("");
        const Reply reset = ask("POST /api/v1/reset-password",
                                R"({"link":")" + link.at("/text") + R"(","new_password":")" + text + "\"}");
        EXPECT_EQ(reset.status, 204) << reset.body;
    }
    Reply sign_in(const std::string& text) {
        act_as("");
        return ask("POST /api/v1/sign-in",
                   R"({"tenant_id":"acme","account":"alice","password":")" + text + "\"}");
    }

    std::string owners_key;
    const std::string password = "quite-a-long-one-7";
};
INSTANTIATE_ON_EVERY_DATABASE(AccountApi);

TEST_P(AccountApi, SignsInGoesOnAndSignsOut) {
    set_password("alice", password);
    EXPECT_EQ(sign_in("not-the-password-7").status, 401);
    const Reply signed_in = sign_in(password);
    ASSERT_EQ(signed_in.status, 200) << signed_in.body;
    EXPECT_EQ(signed_in.header("cache-control"), "no-store");
    act_as(signed_in.at("/access_token"));
    EXPECT_EQ(ask("GET /api/v1/me").at("/user_id"), "alice");
    EXPECT_EQ(ask("GET /api/v1/me").at("/session_id"), signed_in.at("/session_id"));
    act_as("");
    const Reply refreshed =
        ask("POST /api/v1/sign-in/refresh", R"({"refresh_token":")" + signed_in.at("/refresh_token") + "\"}");
    ASSERT_EQ(refreshed.status, 200) << refreshed.body;
    EXPECT_EQ(ask("POST /api/v1/sign-out", R"({"token":")" + refreshed.at("/access_token") + "\"}").status,
              204);
    act_as(refreshed.at("/access_token"));
    EXPECT_EQ(ask("GET /api/v1/me").status, 401);
}

TEST_P(AccountApi, ChangesThePasswordWithTheOldOne) {
    set_password("alice", password);
    act_as(sign_in(password).at("/access_token"));
    const Reply wrong = ask("PUT /api/v1/me/password",
                            R"({"current_password":"another","new_password":"also-a-long-one-8"})");
    EXPECT_EQ(wrong.status, 400) << wrong.body;
    EXPECT_NE(wrong.at("/detail").find("current_password"), std::string::npos) << wrong.body;
    EXPECT_EQ(ask("PUT /api/v1/me/password",
                  R"({"current_password":")" + password + R"(","new_password":"also-a-long-one-8"})")
                  .status,
              204);
    EXPECT_EQ(sign_in(password).status, 401);
    EXPECT_EQ(sign_in("also-a-long-one-8").status, 200);
}

TEST_P(AccountApi, AsksForASecondFactorOnceThereIsOne) {
    set_password("alice", password);
    act_as(sign_in(password).at("/access_token"));
    const Reply offer = ask("POST /api/v1/me/second-factor", R"({"password":")" + password + "\"}");
    ASSERT_EQ(offer.status, 200) << offer.body;
    const std::string code = test::make_code(offer.at("/secret"), clock().now());
    const Reply confirmed = ask("POST /api/v1/me/second-factor/confirm", R"({"code":")" + code + "\"}");
    ASSERT_EQ(confirmed.status, 200) << confirmed.body;
    const Reply half = sign_in(password);
    EXPECT_EQ(half.at("/access_token"), "null");
    const std::string proof = R"({"challenge":")" + half.at("/challenge") + R"(","code":")";
    EXPECT_EQ(ask("POST /api/v1/sign-in/second-factor", proof + "000000\"}").status, 401);
    const Reply whole =
        ask("POST /api/v1/sign-in/second-factor", proof + confirmed.at("/recovery_codes/0") + "\"}");
    ASSERT_EQ(whole.status, 200) << whole.body;
    act_as(whole.at("/access_token"));
    EXPECT_EQ(ask("GET /api/v1/me").at("/has_second_factor"), "true");
    act_as(owners_key);
    EXPECT_EQ(ask("DELETE /api/v1/tenants/acme/users/alice/second-factor").status, 204);
    EXPECT_EQ(ask("DELETE /api/v1/tenants/acme/users/alice/second-factor").status, 404);
    EXPECT_EQ(sign_in(password).at("/challenge"), "null");
}

TEST_P(AccountApi, LetsNobodyInWithoutTheSecondFactorThatIsAskedFor) {
    set_password("alice", password);
    act_as(owners_key);
    ASSERT_EQ(ask("PATCH /api/v1/tenants/acme", R"({"settings":{"require_mfa":true}})", if_match("*")).status,
              200);
    const Reply signed_in = sign_in(password);
    EXPECT_EQ(signed_in.at("/must_add_second_factor"), "true");
    act_as(signed_in.at("/access_token"));
    EXPECT_EQ(ask("GET /api/v1/me").at("/must_add_second_factor"), "true");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/users/alice").refusal(),
              "403 second-factor-required Your organisation asks for a second factor: add one, or sign in "
              "again with yours.");
    const std::string again = R"({"password":")" + password + "\"}";
    const Reply offer = ask("POST /api/v1/me/second-factor", again);
    ASSERT_EQ(offer.status, 200) << offer.body;
    const std::string code = test::make_code(offer.at("/secret"), clock().now());
    ASSERT_EQ(ask("POST /api/v1/me/second-factor/confirm", R"({"code":")" + code + "\"}").status, 200);
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/users/alice").status, 200) << "the same session goes on";
    EXPECT_EQ(ask("POST /api/v1/me/second-factor/remove", again).status, 409);
    act_as(make_key("acme", "alice"));
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/users/alice").status, 200) << "keys are no sign-ins";
}

// Whoever can make a link can become the user.
TEST_P(AccountApi, MakesNoLinkToSomebodyWhoMayMore) {
    ASSERT_EQ(ask("PUT /api/v1/tenants/acme/users/alice/roles/admin").status, 200);
    const std::string wide =
        ask("POST /api/v1/tenants/acme/roles", R"({"name":"All","permissions":["*"]})").at("/id");
    act_as(make_key("acme", "alice"));
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users/owner/reset-links").status, 403);
    EXPECT_EQ(ask("DELETE /api/v1/tenants/acme/users/owner/second-factor").status, 403);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users/nobody/reset-links").status, 404);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/invitations", R"({"role":")" + wide + "\"}").status, 403);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/invitations", R"({"role":"viewer"})").status, 201);
}

TEST_P(AccountApi, InvitesAndLetsIn) {
    const std::string list = "/api/v1/tenants/acme/invitations";
    const Reply made = ask("POST " + list, R"({"email":"bob@acme.example","role":"developer"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.header("location"), list + "/" + made.at("/id"));
    const Reply second = ask("POST " + list, R"({"role":"viewer"})");
    EXPECT_EQ(ask("POST " + list + "/" + second.at("/id") + "/revoke").status, 200);
    EXPECT_EQ(ask("GET " + list).json.at("items").as_array().size(), 2u);
    EXPECT_EQ(ask("GET " + list).body.find(made.at("/text")), std::string::npos);
    act_as("");
    const std::string rest = R"(","username":"bobby","password":"quite-a-long-one-7"})";
    const Reply joined =
        ask("POST /api/v1/accept-invitation", R"({"invitation":")" + made.at("/text") + rest);
    ASSERT_EQ(joined.status, 200) << joined.body;
    EXPECT_EQ(ask("POST /api/v1/accept-invitation", R"({"invitation":")" + made.at("/text") + rest).status,
              404)
        << "once";
    EXPECT_EQ(ask("POST /api/v1/accept-invitation", R"({"invitation":")" + second.at("/text") + rest).status,
              404)
        << "it was taken back";
    act_as(owners_key);
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/users/" + joined.at("/user_id")).at("/email"),
              "bob@acme.example");
    EXPECT_EQ(ask("GET " + list + "/" + made.at("/id")).at("/accepted_by"), joined.at("/user_id"));
}

TEST_P(AccountApi, RegistersWhereThatIsOpen) {
    const std::string body = R"({"username":"carol","password":"quite-a-long-one-7"})";
    act_as("");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/register", body).status, 403);
    act_as(owners_key);
    ASSERT_EQ(
        ask("PATCH /api/v1/tenants/acme", R"({"settings":{"registration":"open"}})", if_match("*")).status,
        200);
    act_as("");
    const Reply joined = ask("POST /api/v1/tenants/acme/register", body);
    ASSERT_EQ(joined.status, 200) << joined.body;
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/register",
                  R"({"username":"dora","password":"quite-a-long-one-7","role":"owner"})")
                  .at("/errors/0/pointer"),
              "/role");
    act_as(joined.at("/access_token"));
    EXPECT_EQ(ask("GET /api/v1/tenants/acme").status, 403) << "nobody has granted anything yet";
}

TEST_P(AccountApi, ALeakedTokenIsWorthless) {
    const std::string leaked = make_key("acme", "alice");
    act_as("");
    EXPECT_EQ(ask("POST /api/v1/leaked-tokens", R"({"text":")" + leaked + "\"}").status, 204);
    EXPECT_EQ(ask("POST /api/v1/leaked-tokens", R"({"text":"nonsense"})").status, 204) << "nobody learns";
    act_as(leaked);
    EXPECT_EQ(ask("GET /api/v1/me").status, 401);
}

TEST_P(AccountApi, ExplainsWhatWouldBeDecided) {
    const std::string question = R"({"permission":"user:create","resource":{"type":"user"})";
    EXPECT_EQ(ask("POST /api/v1/authz/check", question + "}").at("/rule"), "role:owner");
    EXPECT_EQ(ask("POST /api/v1/authz/check", question + R"(,"user_id":"alice"})").at("/allowed"), "false");
    EXPECT_EQ(ask("POST /api/v1/authz/check", question + R"(,"user_id":"nobody"})").status, 404);
    const Reply both = ask("POST /api/v1/authz/check-batch",
                           R"({"checks":[)" + question + "}," + question + R"(,"user_id":"alice"}]})");
    EXPECT_EQ(both.at("/decisions/0/allowed"), "true") << both.body;
    EXPECT_EQ(both.at("/decisions/1/allowed"), "false");
    act_as(make_key("acme", "alice"));
    EXPECT_EQ(ask("POST /api/v1/authz/check", question + R"(,"user_id":"owner"})").status, 403);
    EXPECT_EQ(ask("POST /api/v1/authz/check", question + "}").at("/allowed"), "false");
}

}  // namespace
}  // namespace lodestone::api
