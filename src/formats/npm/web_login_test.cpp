// `npm login` by a page: what the client asks, what the page shows and takes, and who gets nothing.
#include <gmock/gmock.h>

#include "base/tenant_limits.hpp"
#include "identity/nouns/credentials.hpp"
#include "identity/secrets/password_hash.hpp"
#include "support/npm_shop.hpp"

namespace lodestone::formats::npm {
namespace {

using test::Reply;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* password = "a+quiet+morning+walk";
constexpr const char* form_type = "Content-Type: application/x-www-form-urlencoded\r\n";

class NpmWebLogin : public test::NpmShop {
  protected:
    void SetUp() override {
        NpmShop::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        for (const char* tenant : {"acme", "other"}) add_ann(tenant);
        act_as("");
    }
    void add_ann(const std::string& tenant) {
        act_as(tenant == "acme" ? make_key(tenant, "owner") : make_tenant(tenant));
        ASSERT_EQ(ask("POST /api/v1/tenants/" + tenant + "/users", R"({"id":"ann","username":"ann"})").status,
                  201);
        write([&](db::Tx& tx) {
            identity::store_password(
                tx, TenantId::trusted(tenant), identity::UserId::trusted("ann"),
                *identity::hash_password("a quiet morning walk", {.passes = 1, .memory_kib = 8}));
        });
    }
    // The addresses that the client is told, as paths.
    struct Begun {
        std::string page;
        std::string done;
    };
    Begun begin() {
        const Reply begun = ask("POST " + at("-/v1/login"), "{}");
        EXPECT_EQ(begun.status, 200) << begun.body;
        const std::string base = "http://registry.example";
        EXPECT_TRUE(begun.at("/loginUrl").starts_with(base + "/web-login/acme/")) << begun.body;
        EXPECT_TRUE(begun.at("/doneUrl").starts_with(base + at("-/v1/done/lsw_"))) << begun.body;
        return {.page = begun.at("/loginUrl").substr(base.size()),
                .done = begun.at("/doneUrl").substr(base.size())};
    }
    Reply confirm(const Begun& begun, const std::string& form = std::string("name=ann&password=") + password,
                  const std::string& headers = {}) {
        return ask("POST " + begun.page, form, form_type + headers);
    }
    std::string count_keys() { return run_sql("SELECT count(*) FROM keys WHERE user_id = 'ann'"); }
};
INSTANTIATE_ON_EVERY_DATABASE(NpmWebLogin);

TEST_P(NpmWebLogin, GivesAKeyOnceSomebodyHasSignedIn) {
    const Begun begun = begin();
    const Reply waiting = ask("GET " + begun.done);
    EXPECT_EQ(waiting.status, 202);
    EXPECT_EQ(waiting.header("retry-after"), "2");
    const Reply page = ask("GET " + begun.page);
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("acme/packages"));
    EXPECT_THAT(std::string(page.header("content-security-policy")), HasSubstr("frame-ancestors 'none'"));
    EXPECT_EQ(page.header("cache-control"), "no-store");
    EXPECT_EQ(page.header("referrer-policy"), "no-referrer");
    const Reply confirmed = confirm(begun);
    EXPECT_EQ(confirmed.status, 200) << confirmed.body;
    EXPECT_THAT(confirmed.body, HasSubstr("You are signed in as ann."));
    EXPECT_EQ(count_keys(), "0") << "made when the client asks";
    EXPECT_EQ(run_sql("SELECT count(*) FROM sessions WHERE revoked_at IS NULL"), "0");
    EXPECT_THAT(ask("GET " + begun.page).body, HasSubstr("Signed in"));
    EXPECT_EQ(ask("HEAD " + begun.done).status, 202);
    EXPECT_EQ(count_keys(), "0") << "nobody would have seen it";
    const Reply done = ask("GET " + begun.done);
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(done.header("cache-control"), "no-store");
    EXPECT_EQ(ask("GET " + begun.done).status, 404) << "once";
    EXPECT_EQ(ask("GET " + begun.page).status, 404);
    EXPECT_EQ(count_keys(), "1");
    act_as(done.at("/token"));
    EXPECT_EQ(fetch("-/whoami").at("/username"), "ann");
}

TEST_P(NpmWebLogin, RefusesWithAPage) {
    const Begun begun = begin();
    const Reply wrong = confirm(begun, "name=ann&password=wrong");
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(wrong.header("content-type"), "text/html; charset=utf-8");
    EXPECT_THAT(wrong.body, HasSubstr("Try again"));
    const Reply nobody = confirm(begun, "name=bob&password=wrong");
    EXPECT_EQ(nobody.status, 401);
    EXPECT_EQ(nobody.body, wrong.body) << "strangers learn nothing";
    for (const char* form : {"", "name=ann", "password=x", "name=&password=x", "challenge=x"})
        EXPECT_EQ(confirm(begun, form).status, 400) << form;
    EXPECT_EQ(confirm(begun, "challenge=x&code=123456").status, 401);
    EXPECT_EQ(ask("GET " + begun.done).status, 202);
    EXPECT_EQ(ask("GET /web-login/acme/none").status, 404);
    EXPECT_EQ(ask("GET /web-login/%20/none").status, 404);
}

TEST_P(NpmWebLogin, ASiteOfOthersCannotSendTheForm) {
    const Begun begun = begin();
    const std::string form = std::string("name=ann&password=") + password;
    EXPECT_EQ(confirm(begun, form, "Sec-Fetch-Site: cross-site\r\n").status, 403);
    EXPECT_EQ(confirm(begun, form, "Sec-Fetch-Site: same-site\r\n").status, 403);
    EXPECT_EQ(ask("GET " + begun.done).status, 202);
    EXPECT_EQ(confirm(begun, form, "Sec-Fetch-Site: same-origin\r\n").status, 200);
}

// Who is lured to the page of a stranger's login sees from where it was asked, and has to say that it is
// theirs.
TEST_P(NpmWebLogin, WhoComesFromElsewhereHasToSayThatItIsTheirs) {
    const Begun begun = begin();
    run_sql("UPDATE web_logins SET address = '198.51.100.9', client = '198.51.100.9/32'");
    EXPECT_THAT(ask("GET " + begun.page).body, HasSubstr("is_mine"));
    const std::string form = std::string("name=ann&password=") + password;
    EXPECT_EQ(confirm(begun, form).status, 400);
    EXPECT_EQ(ask("GET " + begun.done).status, 202);
    EXPECT_EQ(confirm(begun, form + "&is_mine=yes").status, 200);
}

TEST_P(NpmWebLogin, TenantsAreApart) {
    const Begun begun = begin();
    std::string page = begun.page;
    std::string done = begun.done;
    page.replace(page.find("acme"), 4, "other");
    done.replace(done.find("acme"), 4, "other");
    EXPECT_EQ(ask("GET " + page).status, 404);
    EXPECT_EQ(ask("GET " + done).status, 404);
    EXPECT_EQ(confirm({.page = page, .done = done}).status, 404) << "where ann is somebody else";
    EXPECT_EQ(ask("POST /npm/none/packages/-/v1/login", "{}").status, 200) << "as for one that is there";
    EXPECT_EQ(ask("POST /npm/acme/private/-/v1/login", "{}").status, 200);
    EXPECT_EQ(ask("POST /npm/acme/Click%20here!/-/v1/login", "{}").status, 404);
}

TEST_P(NpmWebLogin, WhoMayNoLongerGetsNothing) {
    const Begun begun = begin();
    ASSERT_EQ(confirm(begun).status, 200);
    run_sql("UPDATE users SET status = 'suspended' WHERE tenant_id = 'acme' AND id = 'ann'");
    const Reply refused = ask("GET " + begun.done);
    EXPECT_GE(refused.status, 401);
    EXPECT_LE(refused.status, 403);
    EXPECT_EQ(count_keys(), "0");
}

TEST_P(NpmWebLogin, IsNoWayAroundOnesDuties) {
    const Begun begun = begin();
    const bool is_sqlite = database().engine().kind() == db::EngineKind::sqlite;
    run_sql("UPDATE user_credentials SET must_change_password = " + std::string(is_sqlite ? "1" : "true"));
    EXPECT_EQ(confirm(begun).status, 403);
    EXPECT_EQ(ask("GET " + begun.done).status, 202);
    EXPECT_EQ(run_sql("SELECT count(*) FROM sessions WHERE revoked_at IS NULL"), "0");
}

TEST_P(NpmWebLogin, IsOverAfterTenMinutes) {
    const Begun begun = begin();
    clock().advance(limits::web_login_lifetime);
    EXPECT_EQ(confirm(begun).status, 404);
    EXPECT_EQ(ask("GET " + begun.done).status, 404);
    EXPECT_THAT(ask("GET " + begun.page).body, Not(HasSubstr("Try again")));
}

TEST_P(NpmWebLogin, AClientBeginsSoMany) {
    for (std::int64_t i = 0; i < limits::open_web_logins_of_client; ++i) begin();
    EXPECT_EQ(ask("POST " + at("-/v1/login"), "{}").status, 429) << "clients go on with name and password";
}

}  // namespace
}  // namespace lodestone::formats::npm
