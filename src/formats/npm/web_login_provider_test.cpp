// `npm login` by a page on which somebody signs in with a provider, as a browser does it: from the page to
// the provider of the test, back to the return address, and on to the page; and who comes back for nothing.
#include <gmock/gmock.h>

#include <set>

#include "base/tenant_limits.hpp"
#include "http/message/path.hpp"
#include "support/authenticator.hpp"
#include "support/npm_shop.hpp"
#include "support/openid_provider.hpp"

namespace lodestone::formats::npm {
namespace {

namespace json = boost::json;
using test::Reply;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using namespace std::chrono_literals;

constexpr const char* form_type = "Content-Type: application/x-www-form-urlencoded\r\n";
constexpr const char* here = "http://registry.example";
constexpr const char* own_form = "Sec-Fetch-Site: same-origin\r\n";
constexpr const char* to_corporate = "provider=corporate&is_mine=yes";
constexpr const char* callback = "/api/v1/tenants/acme/sign-in/corporate/callback";

class NpmProviderLogin : public test::NpmShop {
  protected:
    void SetUp() override {
        NpmShop::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        app::Config config;
        config.server.public_url = "https://registry.example";
        config.egress.allowed_networks = {*http::parse_network("127.0.0.0/8")};
        federate(config);
        add_provider("corporate", "Corporate login");
        act_as("");
    }
    void add_provider(const std::string& id, const std::string& name) {
        act_as(owner_);
        const Reply made = ask("POST /api/v1/tenants/acme/providers",
                               R"({"id":")" + id + R"(","name":")" + name + R"(","issuer":")" +
                                   idp_.issuer() + R"(","client_id":"lode","registration":"everybody"})");
        ASSERT_EQ(made.status, 201) << made.body;
        act_as("");
    }
    void change(const std::string& path, const std::string& body) {
        act_as(owner_);
        const Reply changed = ask("PATCH /api/v1/tenants/acme" + path, body, if_match("*"));
        ASSERT_EQ(changed.status, 200) << changed.body;
        act_as("");
    }

    // The addresses that the client is told, as paths.
    struct Begun {
        std::string page;
        std::string done;
    };
    Begun begin() {
        const Reply begun = ask("POST " + at("-/v1/login"), "{}");
        EXPECT_EQ(begun.status, 200) << begun.body;
        const std::size_t base = std::string_view(here).size();
        return {.page = begun.at("/loginUrl").substr(base), .done = begun.at("/doneUrl").substr(base)};
    }
    Reply send(const Begun& begun, const std::string& form, const std::string& headers = own_form) {
        return ask("POST " + begun.page, form, form_type + headers);
    }

    // Where the browser is, and what it has.
    struct Journey {
        std::string state;
        std::string code;
        std::string cookie;
        std::string rest() const { return "?state=" + state + "&code=" + code; }
    };
    // The person agrees at the provider.
    Journey agree(const Reply& departure, const json::object& claims) {
        EXPECT_EQ(departure.status, 303) << departure.body;
        const std::string url(departure.header("location"));
        EXPECT_THAT(url, StartsWith(idp_.issuer() + "/authorize?"));
        const auto question = test::read_form(url.substr(url.find('?') + 1));
        EXPECT_EQ(question.at("redirect_uri"), "https://registry.example" + std::string(callback));
        const std::string cookie(departure.header("set-cookie"));
        EXPECT_THAT(cookie, StartsWith("__Host-lodestone_sign_in_"));
        return {.state = question.at("state"),
                .code = idp_.agree(question, claims),
                .cookie = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n"};
    }
    Journey agree(const Begun& begun) { return agree(send(begun, to_corporate), bob_); }
    // Back to the address that the provider knows, and on to wherever that leads.
    Reply come_back(const Journey& journey, const std::string& cookie) {
        const Reply sent_on = ask("GET " + (callback + journey.rest()), {}, cookie);
        if (sent_on.status != 303) return sent_on;
        EXPECT_EQ(sent_on.header("cache-control"), "no-store");
        EXPECT_EQ(sent_on.header("referrer-policy"), "no-referrer");
        EXPECT_EQ(sent_on.header("set-cookie"), "");
        const std::string base = here;
        EXPECT_THAT(std::string(sent_on.header("location")), StartsWith(base + "/web-login/acme/"));
        return ask("GET " + std::string(sent_on.header("location").substr(base.size())), {}, cookie);
    }
    Reply come_back(const Journey& journey) { return come_back(journey, journey.cookie); }

    std::string count(const std::string& what) { return run_sql("SELECT count(*) FROM " + what); }
    void expect_nothing_opened(const Begun& begun) {
        EXPECT_EQ(ask("GET " + begun.done).status, 202);
        EXPECT_EQ(count("sessions"), "0");
        EXPECT_EQ(count("users WHERE username = 'bob'"), "0");
        EXPECT_EQ(count("audit WHERE action = 'web_login.confirm'"), "0");
    }

    test::OpenIdProvider idp_{clock()};
    const json::object bob_{{"sub", "b-1"}, {"preferred_username", "bob"}};
};
INSTANTIATE_ON_EVERY_DATABASE(NpmProviderLogin);

TEST_P(NpmProviderLogin, GivesAKeyToWhomTheProviderVouchesFor) {
    const Begun begun = begin();
    const Reply page = ask("GET " + begun.page);
    EXPECT_THAT(page.body, HasSubstr(R"(name="provider" value="corporate">Sign in with Corporate login<)"));
    EXPECT_THAT(page.body, HasSubstr("type=\"password\"")) << "beside it";
    EXPECT_THAT(std::string(page.header("content-security-policy")), HasSubstr("form-action 'self' https:"));
    const Journey journey = agree(begun);
    EXPECT_EQ(ask("GET " + begun.done).status, 202);
    const Reply back = come_back(journey);
    ASSERT_EQ(back.status, 200) << back.body;
    EXPECT_THAT(back.body, HasSubstr("You are signed in as bob."));
    EXPECT_EQ(back.header("cache-control"), "no-store");
    EXPECT_EQ(back.header("referrer-policy"), "no-referrer");
    const std::string its_cookie = journey.cookie.substr(8, journey.cookie.find('=') - 8);
    EXPECT_THAT(std::string(back.header("set-cookie")), StartsWith(its_cookie + "=; "));
    EXPECT_EQ(count("sessions WHERE revoked_at IS NULL"), "0");
    const std::string of_bob = "(SELECT id FROM users WHERE username = 'bob')";
    EXPECT_EQ(count("keys WHERE user_id = " + of_bob), "0") << "made when the client asks";
    EXPECT_EQ(count("audit WHERE action = 'user.create' AND actor = 'corporate'"), "1");
    EXPECT_EQ(count("audit WHERE action = 'session.create'"), "1");
    EXPECT_EQ(count("sessions WHERE method = 'provider'"), "1");
    EXPECT_EQ(count("audit WHERE action = 'web_login.confirm' AND subject = " + of_bob), "1");
    EXPECT_EQ(count("provider_sign_ins"), "0") << "the state is spent";
    EXPECT_EQ(ask("GET " + begun.page + "/return/corporate" + journey.rest(), {}, journey.cookie).status,
              409);
    const Reply done = ask("GET " + begun.done);
    ASSERT_EQ(done.status, 200) << done.body;
    act_as(done.at("/token"));
    EXPECT_EQ(fetch("-/whoami").at("/username"), "bob");
}

TEST_P(NpmProviderLogin, StandsInPlaceOfAPasswordWhereThereAreNone) {
    const Begun begun = begin();
    change("", R"({"settings":{"allowed_auth_methods":["oidc","key"]}})");
    const std::string page = ask("GET " + begun.page).body;
    EXPECT_THAT(page, Not(HasSubstr("type=\"password\"")));
    EXPECT_THAT(page, HasSubstr("Sign in with Corporate login"));
    ASSERT_EQ(come_back(agree(begun)).status, 200);
    EXPECT_EQ(ask("GET " + begun.done).status, 200);
}

// Who may ask the API for a provider by its id hears whether it is there; the page names those that are in
// use, and nothing else of the tenant.
TEST_P(NpmProviderLogin, NamesProvidersThatAreInUseAndNothingElse) {
    const Begun begun = begin();
    add_provider("former", "Former login");
    change("/providers/former", R"({"status":"disabled"})");
    std::string page = ask("GET " + begun.page).body;
    EXPECT_THAT(page, HasSubstr("Sign in with Corporate login"));
    EXPECT_THAT(page, Not(HasSubstr("ormer")));
    EXPECT_THAT(page, Not(HasSubstr(idp_.issuer())));
    std::set<std::string> refusals;
    for (const char* id : {"former", "nobody", "%20"}) {
        const Reply refused = send(begun, "provider=" + std::string(id) + "&is_mine=yes");
        EXPECT_EQ(refused.status, 403) << id;
        EXPECT_THAT(refused.body, HasSubstr("href=\"" + begun.page + "\">Try again"));
        refusals.insert(refused.body);
    }
    EXPECT_EQ(refusals.size(), 1u);
    run_sql(R"(UPDATE tenants SET config = '{"security":{"blocked_ips":["127.0.0.1"]}}' WHERE id = 'acme')");
    EXPECT_EQ(ask("GET " + begun.page).status, 403) << "who is not let in sees nothing";
    run_sql("UPDATE tenants SET config = '{}' WHERE id = 'acme'");
    change("", R"({"settings":{"allowed_auth_methods":["password","key"]}})");
    EXPECT_THAT(ask("GET " + begun.page).body, Not(HasSubstr("Corporate")));
    EXPECT_EQ(send(begun, to_corporate).status, 403);
    change("", R"({"settings":{"allowed_auth_methods":["key"]}})");
    EXPECT_THAT(ask("GET " + begun.page).body, HasSubstr("There is no way to sign in here"));
    change("", R"({"settings":{}})");
    run_sql("UPDATE tenants SET status = 'suspended' WHERE id = 'acme'");
    page = ask("GET " + begun.page).body;
    const Reply elsewhere = ask("POST /npm/none/packages/-/v1/login", "{}");
    const std::string stranger = elsewhere.at("/loginUrl").substr(std::string_view(here).size());
    std::string absent = ask("GET " + stranger).body;
    absent.replace(absent.find(stranger), stranger.size(), begun.page);
    absent.replace(absent.find("none/packages"), 13, "acme/packages");
    EXPECT_EQ(page, absent) << "a suspended tenant looks like one that is not there";
    EXPECT_EQ(send(begun, to_corporate).body, *refusals.begin());
    const Reply by_api = ask("GET /api/v1/tenants/acme/sign-in/corporate");
    EXPECT_EQ(by_api.status, 404);
    EXPECT_EQ(by_api.body.find("Acme"), std::string::npos) << by_api.body;
    run_sql(R"(UPDATE tenants SET config = '{"security":{"blocked_ips":["127.0.0.1"]}}' WHERE id = 'acme')");
    EXPECT_EQ(ask("GET " + begun.page).body, absent);
    EXPECT_EQ(count("provider_sign_ins"), "0");
}

TEST_P(NpmProviderLogin, RefusesAReturnInAnotherBrowser) {
    const Begun begun = begin();
    const Reply without = come_back(agree(begun), "");
    EXPECT_EQ(without.status, 403);
    EXPECT_EQ(without.header("content-type"), "text/html; charset=utf-8");
    EXPECT_THAT(without.body, HasSubstr("begun in another browser, or cookies are off"));
    EXPECT_THAT(without.body, HasSubstr("href=\"" + begun.page + "\">Try again"));
    Journey other = agree(begun);
    other.cookie = other.cookie.substr(0, other.cookie.find('=') + 1) +
                   agree(begun).cookie.substr(other.cookie.find('=') + 1);
    EXPECT_EQ(come_back(other).status, 403) << "another journey's";
    expect_nothing_opened(begun);
    EXPECT_EQ(come_back(agree(begun)).status, 200);
}

// Providers know people who have signed in there lately: a form that another site sends would bring them all
// the way back.
TEST_P(NpmProviderLogin, NobodyIsSentToAProviderButByThePage) {
    const Begun begun = begin();
    for (const char* headers :
         {"", "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n", "Sec-Fetch-Site: none\r\n",
          "Origin: null\r\n", "Origin: https://evil.example\r\n", "Origin: http://registry.example.evil\r\n"})
        EXPECT_EQ(send(begun, to_corporate, headers).status, 403) << headers;
    EXPECT_EQ(count("provider_sign_ins"), "0");
    EXPECT_EQ(send(begun, to_corporate, "Origin: http://registry.example\r\n").status, 303);
    EXPECT_EQ(ask("GET " + begun.page).header("referrer-policy"), "same-origin") << "or there is no origin";
}

TEST_P(NpmProviderLogin, WhoLeavesSaysThatItIsTheirs) {
    const Begun begun = begin();
    EXPECT_EQ(send(begun, "provider=corporate").status, 400) << "a button alone is one click";
    run_sql("UPDATE web_logins SET address = '198.51.100.9', client = '198.51.100.9/32'");
    EXPECT_EQ(send(begun, "provider=corporate").status, 400);
    EXPECT_EQ(count("provider_sign_ins"), "0");
    EXPECT_THAT(ask("GET " + begun.page).body, HasSubstr("not the one that you come from"));
    const Journey journey = agree(begun);
    EXPECT_THAT(come_back(journey).body, HasSubstr("You are signed in as bob."));
}

TEST_P(NpmProviderLogin, SaysThatALoginIsOver) {
    const Begun begun = begin();
    clock().advance(limits::web_login_lifetime - 1s);
    const Journey journey = agree(begun);
    clock().advance(1s);
    const Reply late = come_back(journey);
    EXPECT_EQ(late.status, 404);
    EXPECT_THAT(late.body, HasSubstr("This login is over"));
    EXPECT_THAT(late.body, Not(HasSubstr("Try again")));
    EXPECT_EQ(count("sessions"), "0");
    EXPECT_EQ(count("users WHERE username = 'bob'"), "0");
}

TEST_P(NpmProviderLogin, SaysThatALoginWasTakenBySomebodyElse) {
    const Begun begun = begin();
    const Journey journey = agree(begun);
    const Journey of_carol =
        agree(send(begun, to_corporate), {{"sub", "c-1"}, {"preferred_username", "carol"}});
    ASSERT_EQ(come_back(of_carol).status, 200);
    const Reply second = come_back(journey);
    EXPECT_EQ(second.status, 409);
    EXPECT_THAT(second.body, HasSubstr("was confirmed before"));
    EXPECT_EQ(count("users WHERE username = 'bob'"), "0");
    act_as(ask("GET " + begun.done).at("/token"));
    EXPECT_EQ(fetch("-/whoami").at("/username"), "carol");
}

// Whoever lures somebody into one sign-in must not get the key of another.
TEST_P(NpmProviderLogin, AReturnIsGoodForWhatItWasBegunForAlone) {
    const Begun begun = begin();
    const std::string way_on = begun.page + "/return/corporate";
    const Journey by_api = agree(ask("GET /api/v1/tenants/acme/sign-in/corporate"), bob_);
    const Reply turned = ask("GET " + way_on + by_api.rest(), {}, by_api.cookie);
    EXPECT_EQ(turned.status, 403);
    EXPECT_THAT(turned.body, HasSubstr("begun for something else"));
    const Journey of_other = agree(begin());
    EXPECT_EQ(ask("GET " + way_on + of_other.rest(), {}, of_other.cookie).status, 403);
    expect_nothing_opened(begun);

    make_tenant("other");
    const std::string of_other_tenant = ask("POST /npm/other/packages/-/v1/login", "{}")
                                            .at("/loginUrl")
                                            .substr(std::string_view(here).size());
    const Journey journey = agree(begun);
    const std::string other_way_on = of_other_tenant + "/return/corporate";
    EXPECT_GE(ask("GET " + other_way_on + journey.rest(), {}, journey.cookie).status, 400);
    EXPECT_EQ(count("provider_sign_ins WHERE tenant_id = 'acme'"), "1")
        << "it is not the other one's to spend";
    add_provider("second", "Second login");
    const std::string of_second = "/api/v1/tenants/acme/sign-in/second/callback";
    EXPECT_EQ(ask("GET " + of_second + journey.rest(), {}, journey.cookie).status, 403)
        << "its own comes back";
    expect_nothing_opened(begun);

    // By the API nothing comes back that was begun by the page, but a way to the page.
    const Journey by_page = agree(begun);
    const Reply sent_on = ask("GET " + (callback + by_page.rest()), {}, by_page.cookie);
    EXPECT_EQ(sent_on.status, 303);
    EXPECT_EQ(sent_on.body, "");
    expect_nothing_opened(begun);
}

TEST_P(NpmProviderLogin, AsksForTheSecondFactorThatSomebodyHasHere) {
    const Reply session = come_back(agree(ask("GET /api/v1/tenants/acme/sign-in/corporate"), bob_));
    act_as(session.at("/access_token"));
    const Reply offer = ask("POST /api/v1/me/second-factor", R"({"password":"there is none"})");
    ASSERT_EQ(offer.status, 200) << offer.body;
    const std::string code = test::make_code(offer.at("/secret"), clock().now());
    const Reply papers = ask("POST /api/v1/me/second-factor/confirm", R"({"code":")" + code + "\"}");
    ASSERT_EQ(papers.status, 200) << papers.body;
    act_as("");

    const Begun begun = begin();
    const Reply half = come_back(agree(begun));
    EXPECT_EQ(half.status, 200);
    EXPECT_THAT(half.body, HasSubstr("name=\"code\""));
    EXPECT_THAT(half.body, HasSubstr("action=\"" + begun.page + "\""));
    EXPECT_THAT(half.body, Not(HasSubstr("type=\"password\"")));
    EXPECT_EQ(ask("GET " + begun.done).status, 202);
    const std::string before = "name=\"challenge\" value=\"";
    const auto from = half.body.find(before) + before.size();
    const std::string challenge = half.body.substr(from, half.body.find('"', from) - from);
    const auto answer = [](const std::string& to, const std::string& with) {
        return "challenge=" + http::encode_path_text(to) + "&code=" + http::encode_path_text(with);
    };
    EXPECT_EQ(send(begun, answer(challenge, "000000")).status, 401);
    const std::string paper = papers.at("/recovery_codes/0");
    EXPECT_EQ(send(begin(), answer(challenge, paper)).status, 401) << "it is another login's";
    EXPECT_EQ(ask("POST /api/v1/sign-in/second-factor",
                  R"({"challenge":")" + challenge + R"(","code":")" + paper + "\"}")
                  .status,
              401)
        << "it opens no session";
    const Reply by_api = come_back(agree(ask("GET /api/v1/tenants/acme/sign-in/corporate"), bob_));
    EXPECT_EQ(send(begun, answer(by_api.at("/challenge"), paper)).status, 401) << "nor the other way round";
    EXPECT_EQ(ask("GET " + begun.done).status, 202);
    const Reply whole = send(begun, answer(challenge, paper));
    EXPECT_THAT(whole.body, HasSubstr("You are signed in as bob."));
    EXPECT_EQ(ask("GET " + begun.done).status, 200);

    const Begun again = begin();
    json::object proven = bob_;
    proven["amr"] = json::array{"pwd", "mfa"};
    EXPECT_THAT(come_back(agree(send(again, to_corporate), proven)).body,
                HasSubstr("You are signed in as bob."));
}

TEST_P(NpmProviderLogin, TwoAreUnderWayInOneBrowser) {
    const Begun first = begin();
    const Begun second = begin();
    const Journey one = agree(first);
    const Journey other = agree(second);
    const std::string both = one.cookie.substr(0, one.cookie.size() - 2) + "; " + other.cookie.substr(8);
    EXPECT_EQ(come_back(one, both).status, 200);
    EXPECT_EQ(come_back(other, both).status, 200);
}

TEST_P(NpmProviderLogin, HeadSpendsNothing) {
    const Begun begun = begin();
    const Journey journey = agree(begun);
    const std::string back = begun.page + "/return/corporate" + journey.rest();
    EXPECT_EQ(ask("HEAD " + back, {}, journey.cookie).status, 405);
    EXPECT_EQ(come_back(journey).status, 200);
}

// Who is led to leave again and again has not failed to sign in: passwords go on being taken.
TEST_P(NpmProviderLogin, DeparturesHaveABrakeOfTheirOwn) {
    const Begun begun = begin();
    int left = 0;
    while (left < 500 && send(begun, to_corporate).status == 303) ++left;
    EXPECT_EQ(send(begun, to_corporate).status, 429);
    EXPECT_EQ(send(begun, "name=nobody&password=wrong").status, 401);
}

TEST_P(NpmProviderLogin, ATenantMayBeCalledAsThePathIs) {
    make_tenant("return");
    const Reply begun = ask("POST /npm/return/packages/-/v1/login", "{}");
    const std::string page = begun.at("/loginUrl").substr(std::string_view(here).size());
    EXPECT_THAT(ask("GET " + page).body, HasSubstr("action=\"" + page + "\""));
    EXPECT_THAT(ask("POST " + page, "name=nobody&password=wrong", form_type).body,
                HasSubstr("href=\"" + page + "\">Try again"));
}

TEST_P(NpmProviderLogin, IsNoWayAroundOnesDuties) {
    change("", R"({"settings":{"require_mfa":true}})");
    const Begun begun = begin();
    const Reply back = come_back(agree(begun));
    EXPECT_EQ(back.status, 403);
    EXPECT_THAT(back.body, HasSubstr("Set up a second factor"));
    EXPECT_EQ(ask("GET " + begun.done).status, 202);
    EXPECT_EQ(count("sessions WHERE revoked_at IS NULL"), "0");
}

TEST_P(NpmProviderLogin, SaysWhatTheProviderSaid) {
    const Begun begun = begin();
    Journey journey = agree(begun);
    journey.code = "&error=access_denied";
    const Reply denied = come_back(journey);
    EXPECT_EQ(denied.status, 403);
    EXPECT_THAT(denied.body, HasSubstr("the provider says that access was denied"));
    EXPECT_THAT(denied.body, HasSubstr("href=\"" + begun.page + "\">Try again"));
    journey = agree(begun);
    journey.code = "stolen";
    EXPECT_EQ(come_back(journey).status, 502);
    expect_nothing_opened(begun);
}

}  // namespace
}  // namespace lodestone::formats::npm
