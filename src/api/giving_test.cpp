// Nobody becomes more than they are: what an attacker who has one account, one key or one session of a tenant
// tries in order to get another's, or the installation's.
#include "base/tenant_limits.hpp"
#include "base/time_text.hpp"
#include "identity/nouns/credentials.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "identity/secrets/password_hash.hpp"
#include "support/api_test.hpp"

namespace lodestone::api {
namespace {

using identity::Scopes;
using identity::UserId;
using test::Reply;

class GivingApi : public test::ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        owners_key_ = make_tenant("acme");
        act_as(owners_key_);
        make("users", R"({"id":"ann","username":"ann"})");
        make("users", R"({"id":"bob","username":"bob"})");
        make("apps", R"({"id":"shop","name":"Shop"})");
        EXPECT_EQ(ask("PUT " + acme + "/users/ann/roles/admin").status, 200);
    }
    void make(const std::string& list, const std::string& body) {
        EXPECT_EQ(ask("POST " + acme + "/" + list, body).status, 201) << body;
    }
    void make_platform_admin(const std::string& user) {
        write([&](db::Tx& tx) {
            identity::grant_platform_admin(tx, TenantId::trusted("acme"), UserId::trusted(user));
        });
    }
    void set_password(const std::string& user) {
        const std::string hash = identity::hash_password(password_, {.passes = 1, .memory_kib = 8}).value();
        write([&](db::Tx& tx) {
            identity::store_password(tx, TenantId::trusted("acme"), UserId::trusted(user), hash);
        });
    }
    std::string sign_in(const std::string& user) {
        set_password(user);
        const Reply reply = ask("POST /api/v1/sign-in", R"({"tenant_id":"acme","account":")" + user +
                                                            R"(","password":")" + password_ + "\"}");
        EXPECT_EQ(reply.status, 200) << reply.body;
        return reply.at("/access_token");
    }
    static Scopes scopes(std::vector<std::string> actions) {
        return Scopes({{.actions = std::move(actions), .resources = {}, .tags = {}}});
    }
    // Everything by which somebody could become this user.
    std::vector<int> try_to_become(const std::string& user) {
        const std::string at = acme + "/users/" + user;
        return {ask("POST " + at + "/reset-links", "{}").status,
                ask("DELETE " + at + "/second-factor").status,
                ask("PATCH " + at, R"({"email":"mine@evil.example"})", if_match("*")).status,
                ask("POST " + at + "/identities", R"({"provider":"oidc:idp","provider_id":"me"})").status};
    }
    static std::vector<int> refused() { return std::vector<int>(4, 403); }

    const std::string acme = "/api/v1/tenants/acme";
    const std::string password_ = "tall green mug";
    std::string owners_key_;
};
INSTANTIATE_ON_EVERY_DATABASE(GivingApi);

TEST_P(GivingApi, NobodyBecomesAPlatformAdministrator) {
    make_platform_admin("bob");
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(try_to_become("bob"), refused()) << "by an admin";
    act_as(owners_key_);
    EXPECT_EQ(try_to_become("bob"), refused()) << "by the owner";
    make_platform_admin("owner");
    EXPECT_EQ(ask("POST " + acme + "/users/bob/reset-links", "{}").status, 201) << "one for the other";
}

TEST_P(GivingApi, ALinkFromBeforeDoesNotLeadToWhatWasGivenSince) {
    act_as(make_key("acme", "ann"));
    const std::string link = ask("POST " + acme + "/users/bob/reset-links", "{}").at("/text");
    make_platform_admin("bob");
    const Reply reply =
        ask("POST /api/v1/reset-password", R"({"link":")" + link + R"(","new_password":"tall green cup"})");
    EXPECT_EQ(reply.status, 404) << reply.body;
}

TEST_P(GivingApi, AKeyOfFewScopesIsNotItsOwner) {
    act_as(make_key("acme", "ann", scopes({"user:*", "user_identity:*"})));
    EXPECT_EQ(try_to_become("ann"), refused()) << "its own owner";
    EXPECT_EQ(try_to_become("bob"), refused()) << "somebody without a role";
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(try_to_become("ann"), refused()) << "nor is one that may do everything";
    EXPECT_EQ(ask("POST " + acme + "/users/bob/reset-links", "{}").status, 201);
}

TEST_P(GivingApi, ASessionIsNotThePerson) {
    act_as(sign_in("ann"));
    EXPECT_EQ(try_to_become("ann"), refused());
    const std::string at = acme + "/users/ann";
    const auto with = [](const std::string& password) {
        return R"({"email":"ann@acme.example","current_password":")" + password + "\"}";
    };
    EXPECT_EQ(ask("PATCH " + at, with("a wrong guess"), if_match("*")).status, 400);
    EXPECT_EQ(ask("PATCH " + at, with(password_), if_match("*")).at("/email"), "ann@acme.example");
    const Reply linked =
        ask("POST " + at + "/identities",
            R"({"provider":"oidc:idp","provider_id":"me","current_password":")" + password_ + "\"}");
    EXPECT_EQ(linked.status, 201) << linked.body;
    EXPECT_EQ(ask("DELETE " + at + "/identities/" + linked.at("/id")).status, 204);
}

TEST_P(GivingApi, WhoHasNoPasswordHasJustSignedIn) {
    act_as(sign_in("ann"));
    run_sql("UPDATE user_credentials SET password_hash = NULL WHERE user_id = 'ann'");
    const std::string change = R"({"email":"ann@acme.example"})";
    EXPECT_EQ(ask("PATCH " + acme + "/users/ann", change, if_match("*")).status, 200);
    clock().advance(limits::session_proof);
    EXPECT_EQ(ask("PATCH " + acme + "/users/ann", change, if_match("*")).status, 403);
}

TEST_P(GivingApi, CountsWhatPoliciesAllow) {
    const std::string policy =
        R"({"name":"p","effect":"allow","subjects":["user:bob"],"actions":["tenant:transfer"],)"
        R"("resources":["*"]})";
    make("policies", policy);
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(ask("POST " + acme + "/users/bob/reset-links", "{}").status, 403);
    act_as(owners_key_);
    EXPECT_EQ(ask("POST " + acme + "/users/bob/reset-links", "{}").status, 201);
}

TEST_P(GivingApi, KeysAreTheirOwnersToChange) {
    const std::string own = acme + "/users/owner/keys";
    const std::string id =
        ask("POST " + own, R"({"name":"few","scopes":[{"actions":["app:read"]}]})").at("/id");
    act_as(make_key("acme", "ann"));
    const std::string wide = R"({"scopes":[{"actions":["app:*"]}]})";
    EXPECT_EQ(ask("PATCH " + own + "/" + id, wide, if_match("*")).status, 403);
    EXPECT_EQ(ask("PATCH " + own + "/" + id, R"({"networks":[]})", if_match("*")).status, 403);
    EXPECT_EQ(ask("POST " + own + "/" + id + "/rotate", "{}").status, 403);
    EXPECT_EQ(ask("POST " + own + "/" + id + "/revoke", "{}").status, 200) << "taking away is another thing";
}

TEST_P(GivingApi, NoKeyIsBetterThanTheOneThatMadeIt) {
    const std::string own = acme + "/users/owner/keys";
    const auto end = [&](std::chrono::minutes from_now) { return render_rfc3339(clock().now() + from_now); };
    const auto ends = [&](std::chrono::minutes from_now) {
        return R"("expires_at":")" + end(from_now) + "\"";
    };
    const Reply narrow =
        ask("POST " + own, R"({"name":"narrow","networks":["127.0.0.0/8"],"environment":"test",)" +
                               ends(std::chrono::minutes(90)) + "}");
    ASSERT_EQ(narrow.status, 201) << narrow.body;
    act_as(narrow.at("/text"));
    const Reply alike = ask("POST " + own, R"({"name":"alike"})");
    EXPECT_EQ(alike.at("/networks"), R"(["127.0.0.0/8"])") << alike.body;
    EXPECT_EQ(alike.at("/expires_at"), narrow.at("/expires_at"));
    EXPECT_EQ(alike.at("/environment"), "test");
    for (const std::string& better :
         {std::string(R"("networks":[])"), std::string(R"("networks":["127.0.0.1","10.0.0.0/8"])"),
          std::string(R"("networks":["0.0.0.0/0"])"), ends(std::chrono::minutes(91)),
          std::string(R"("environment":"live")")})
        EXPECT_EQ(ask("POST " + own, R"({"name":"better",)" + better + "}").status, 403) << better;
    const Reply narrower = ask("POST " + own, R"({"name":"narrower","networks":["127.1.0.0/16"],)" +
                                                  ends(std::chrono::minutes(9)) + "}");
    EXPECT_EQ(narrower.status, 201) << narrower.body;

    const std::string itself = own + "/" + narrow.at("/id");
    for (const std::string& change : {std::string(R"({"name":"x"})"), std::string(R"({"networks":[]})")})
        EXPECT_EQ(ask("PATCH " + itself, change, if_match("*")).status, 403) << "never itself: " << change;
    const std::string sibling = own + "/" + alike.at("/id");
    EXPECT_EQ(ask("PATCH " + sibling, R"({"networks":[]})", if_match("*")).status, 403);
    EXPECT_EQ(ask("PATCH " + sibling, "{" + ends(std::chrono::minutes(99)) + "}", if_match("*")).status, 403);
    EXPECT_EQ(ask("PATCH " + sibling, R"({"name":"brother"})", if_match("*")).status, 200);
    clock().advance(std::chrono::minutes(10));
    EXPECT_EQ(ask("POST " + itself + "/rotate", "{}").at("/expires_at"), narrow.at("/expires_at"));

    const std::string publisher =
        R"({"app_id":"shop","name":"release","forge":"github","issuer":"https://forge.example",)"
        R"("repository":"acme/shop","repository_id":"1","owner_id":"2","workflow":"release.yml",)"
        R"("scopes":[{"actions":["package:publish"]}]})";
    EXPECT_EQ(ask("POST " + acme + "/publishers", publisher).status, 403) << "pipelines are anywhere";
}

TEST_P(GivingApi, OwnershipAndAdministrationTakeAWholeKey) {
    act_as(make_key("acme", "owner", scopes({"tenant:transfer"})));
    EXPECT_EQ(ask("PUT " + acme + "/owner", R"({"user_id":"ann"})").status, 403);
    make_platform_admin("owner");
    act_as(make_key("acme", "owner", scopes({"platform_admin:create"})));
    EXPECT_EQ(ask("PUT /api/v1/platform-admins/acme/ann").status, 403);
    act_as(make_key("acme", "owner"));
    EXPECT_EQ(ask("PUT /api/v1/platform-admins/acme/ann").status, 200);
    EXPECT_EQ(ask("PUT " + acme + "/owner", R"({"user_id":"ann"})").status, 200);
}

TEST_P(GivingApi, APlatformAdministratorDoesNotGetInsideATenant) {
    make_tenant("other");
    make_platform_admin("ann");
    act_as(make_key("acme", "ann"));
    const std::string other = "/api/v1/tenants/other";
    EXPECT_EQ(ask("GET " + other).status, 200);
    EXPECT_EQ(ask("PATCH " + other, R"({"settings":{"registration":"open"}})", if_match("*")).status, 403);
    EXPECT_EQ(ask("PUT " + other + "/owner", R"({"user_id":"mallory"})").status, 403);
    EXPECT_EQ(ask("PUT " + acme + "/owner", R"({"user_id":"bob"})").status, 403) << "nor in their own";
    const Reply limited = ask("PUT " + other + "/quotas", R"({"max_users":3})");
    EXPECT_EQ(limited.at("/settings/max_users"), "3") << limited.body;
    EXPECT_EQ(ask("POST " + other + "/suspend").status, 200);
    EXPECT_EQ(ask("POST " + other + "/activate").status, 200);
    EXPECT_EQ(ask("DELETE " + other).status, 204);
    EXPECT_EQ(ask("POST " + other + "/restore").status, 200);
    act_as(owners_key_);
    EXPECT_EQ(ask("PUT " + acme + "/quotas", R"({"max_users":3})").status, 403)
        << "an owner sets no quota so";
    EXPECT_EQ(ask("PATCH " + acme, R"({"settings":{"max_users":3}})", if_match("*")).status, 403) << "nor so";
}

TEST_P(GivingApi, ATenantKeepsItsQuotas) {
    make_platform_admin("bob");
    act_as(make_key("acme", "bob"));
    EXPECT_EQ(ask("PUT " + acme + "/quotas", R"({"max_users":30,"max_apps":5,"max_bytes":9000})").status,
              200);
    act_as(owners_key_);
    const auto change = [this](const std::string& settings) {
        return ask("PATCH " + acme, R"({"settings":)" + settings + "}", if_match("*"));
    };
    EXPECT_EQ(change(R"({"max_users":31})").status, 403);
    EXPECT_EQ(change(R"({"max_apps":50})").status, 403);
    EXPECT_EQ(change(R"({"max_bytes":9001})").status, 403);
    EXPECT_EQ(change(R"({"max_users":30,"registration":"open"})").status, 200) << "what it has already";
    const Reply kept = change(R"({"registration":"closed"})");
    EXPECT_EQ(kept.at("/settings/max_users"), "30") << kept.body;
    EXPECT_EQ(kept.at("/settings/max_apps"), "5") << kept.body;
    EXPECT_EQ(kept.at("/settings/max_bytes"), "9000") << kept.body;
}

TEST_P(GivingApi, AnAppKeepsItsQuota) {
    const std::string shop = acme + "/apps/shop";
    const auto change = [&](const std::string& config) {
        return ask("PATCH " + shop, R"({"config":)" + config + "}", if_match("*"));
    };
    EXPECT_EQ(change(R"({"quota":{"max_bytes":500}})").status, 200) << "an owner's";
    EXPECT_EQ(ask("PUT " + shop + "/members/bob", R"({"role":"maintainer"})").status, 200);
    act_as(make_key("acme", "bob"));
    EXPECT_EQ(change(R"({"quota":{"max_bytes":501}})").status, 403);
    const Reply kept = change(R"({"custom":{"colour":"red"}})");
    EXPECT_EQ(kept.at("/config/quota/max_bytes") + kept.at("/config/custom/colour"), "500red") << kept.body;
    act_as(owners_key_);
    EXPECT_EQ(change("{}").at("/config"), "{}") << "and whoever may set it takes it away";
}

TEST_P(GivingApi, NoPolicyOfATenantStopsTheInstallation) {
    make_platform_admin("bob");
    make("policies", R"({"name":"p","effect":"deny","subjects":["*"],"actions":["*"],"resources":["*"]})");
    act_as(make_key("acme", "bob"));
    EXPECT_EQ(ask("GET /api/v1/tenants").status, 200);
    EXPECT_EQ(ask("GET /api/v1/platform-admins").status, 200);
    EXPECT_EQ(ask("GET " + acme + "/users").status, 403);
}

TEST_P(GivingApi, AMembershipIsReplacedByWhoCouldHaveGivenIt) {
    const std::string members = acme + "/apps/shop/members/";
    ASSERT_EQ(ask("PUT " + members + "ann", R"({"role":"admin"})").status, 200);
    ASSERT_EQ(ask("PUT " + members + "bob", R"({"role":"maintainer"})").status, 200);
    act_as(make_key("acme", "bob"));
    EXPECT_EQ(ask("PUT " + members + "ann", R"({"role":"viewer"})").status, 403);
    EXPECT_EQ(ask("DELETE " + members + "ann").status, 403);
    EXPECT_EQ(ask("PUT " + members + "owner", R"({"role":"viewer"})").status, 200);
    EXPECT_EQ(ask("PUT " + members + "owner", R"({"role":"developer"})").status, 200);
    act_as(owners_key_);
    const std::string lets_in =
        R"({"name":"Porter","permissions":["membership:create","membership:delete","package:read"]})";
    const std::string role = ask("POST " + acme + "/roles", lets_in).at("/id");
    make("roles", R"({"name":"Reader","permissions":["package:read"]})");
    ASSERT_EQ(ask("PUT " + members + "bob", R"({"role":")" + role + "\"}").status, 200);
    const std::string reader = ask("GET " + acme + "/roles?name=Reader").at("/items/0/id");
    act_as(make_key("acme", "bob"));
    EXPECT_EQ(ask("PUT " + members + "owner", R"({"role":")" + reader + "\"}").status, 403)
        << "that is a change";
    EXPECT_EQ(ask("PUT " + members + "bob", R"({"role":")" + reader + "\"}").status, 403) << "this too";
}

TEST_P(GivingApi, ARestoredUserSignsInAnew) {
    const std::string session = sign_in("bob");
    act_as(session);
    EXPECT_EQ(ask("GET /api/v1/me").status, 200);
    act_as(owners_key_);
    EXPECT_EQ(ask("DELETE " + acme + "/users/bob").status, 204);
    EXPECT_EQ(ask("POST " + acme + "/users/bob/restore").status, 200);
    act_as(session);
    EXPECT_EQ(ask("GET /api/v1/me").status, 401);
}

TEST_P(GivingApi, ARefreshedSessionHasOneTokenAtATime) {
    set_password("bob");
    const Reply first = ask("POST /api/v1/sign-in",
                            R"({"tenant_id":"acme","account":"bob","password":")" + password_ + "\"}");
    act_as(first.at("/access_token"));
    EXPECT_EQ(ask("GET /api/v1/me").status, 200);
    const Reply second =
        ask("POST /api/v1/sign-in/refresh", R"({"refresh_token":")" + first.at("/refresh_token") + "\"}");
    ASSERT_EQ(second.status, 200) << second.body;
    EXPECT_EQ(ask("GET /api/v1/me").status, 401);
    act_as(second.at("/access_token"));
    EXPECT_EQ(ask("GET /api/v1/me").status, 200);
}

TEST_P(GivingApi, ReadsNamesToTheirEnd) {
    const Reply reply =
        ask("POST " + acme + "/policies",
            R"({"name":"p","effect":"deny\u0000zz","subjects":["*"],"actions":["*"],"resources":["*"]})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(reply.at("/errors/0/pointer"), "/effect") << reply.body;
}

TEST_P(GivingApi, ATenantsOwnerGetsALinkOnce) {
    act_as(operator_token());
    const Reply made = ask("POST /api/v1/tenants", R"({"name":"New","owner":{"username":"olga"}})",
                           "Idempotency-Key: one\r\n");
    const std::string body =
        R"({"link":")" + made.at("/owner_reset_link") + R"(","new_password":")" + password_ + "\"}";
    EXPECT_EQ(ask("POST /api/v1/reset-password", body).status, 204) << made.body;
    const Reply again = ask("POST /api/v1/tenants", R"({"name":"New","owner":{"username":"olga"}})",
                            "Idempotency-Key: one\r\n");
    EXPECT_EQ(again.at("/owner_reset_link"), "null") << again.body;
    const Reply in =
        ask("POST /api/v1/sign-in",
            R"({"tenant_id":")" + made.at("/id") + R"(","account":"olga","password":")" + password_ + "\"}");
    EXPECT_EQ(in.status, 200) << in.body;
}

TEST_P(GivingApi, PeopleChangeTheirOwnProfile) {
    act_as(sign_in("bob"));
    const std::string profile = "PATCH /api/v1/me/profile";
    EXPECT_EQ(ask(profile, R"({"full_name":"Bob B."})").status, 428);
    EXPECT_EQ(ask(profile, R"({"full_name":"Bob B."})", if_match("*")).at("/full_name"), "Bob B.");
    const std::string address = R"({"email":"bob@acme.example")";
    EXPECT_EQ(ask(profile, address + "}", if_match("*")).status, 403);
    const std::string with_password = address + R"(,"current_password":")" + password_ + "\"}";
    EXPECT_EQ(ask(profile, with_password, if_match("*")).at("/email"), "bob@acme.example");
    EXPECT_EQ(ask("GET /api/v1/me/profile").at("/email"), "bob@acme.example");
    EXPECT_EQ(ask(profile, R"({"username":"boss"})", if_match("*")).status, 400);
    run_sql(
        "INSERT INTO identity_providers (tenant_id, id, name, name_folded, issuer, client_id, scopes, "
        "group_roles, registration, links_by_email, status, version, created_at, created_by, updated_at, "
        "updated_by) VALUES ('acme', 'idp', 'idp', 'idp', 'https://idp.example', 'us', 'openid', '{}', "
        "'everybody', TRUE, 'active', 1, 1, 'x', 1, 'x')");
    EXPECT_EQ(ask(profile, with_password, if_match("*")).status, 409) << "an address would be somebody else";
}

TEST_P(GivingApi, ShowsAKeyAsSomeToolsWantIt) {
    const Reply made = ask("POST " + acme + "/users/owner/keys", R"({"name":"models"})");
    EXPECT_TRUE(made.at("/hf_text").starts_with("hf_")) << made.body;
    act_as(made.at("/hf_text"));
    EXPECT_EQ(ask("GET /api/v1/me").at("/key_id"), made.at("/id"));
    EXPECT_EQ(ask("POST " + acme + "/apps/shop/keys", R"({"name":"robot"})").at("/hf_text"), "null");
}

}  // namespace
}  // namespace lodestone::api
