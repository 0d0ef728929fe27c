// Tickets over a real database: what one is good for, and what makes it worthless.
#include "identity/gate/tickets.hpp"

#include <gtest/gtest.h>

#include "base/tenant_limits.hpp"
#include "identity/rules/scopes.hpp"
#include "support/gate_test.hpp"

namespace lodestone::identity {
namespace {

using http::Access;
using http::Method;
using test::user_route;
using test::whoami_route;

constexpr http::Route pull_route{
    Method::get, "/v2/{tenant}/{repository}/{name...}/tags/list",
    Access::needs("package:download", {.id = "name", .repository = "repository", .format = "oci"}), nullptr};
constexpr http::Route push_route{
    Method::put, "/v2/{tenant}/{repository}/{name...}/manifests/x",
    Access::needs("package:publish", {.id = "name", .repository = "repository", .format = "oci"}), nullptr};

constexpr const char* sign_in = "401 Sign in, or send a key.";
constexpr const char* invalid = "401 That key or session is none of ours: check that it is whole.";

std::vector<Scope> pulling(const std::string& package) {
    return {{.actions = {"package:download"}, .resources = {package}, .tags = {}}};
}
std::vector<Scope> pushing(const std::string& package) {
    return {{.actions = {"package:download", "package:publish"}, .resources = {package}, .tags = {}}};
}

class TicketsTest : public test::GateTest {
  protected:
    void SetUp() override {
        GateTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        for (const bool is_public : {false, true})
            repositories().set("acme", {.id = RepositoryId::trusted(is_public ? "open" : "closed"),
                                        .app = AppId::trusted("shop"),
                                        .name = is_public ? "open" : "closed",
                                        .format = "oci",
                                        .is_public = is_public});
    }
    IssuedTicket issue(const std::string& token, const std::vector<Scope>& scopes) {
        const std::string header = "Bearer " + token;
        const http::ReceivedHeaders headers =
            token.empty() ? http::ReceivedHeaders() : test::make_headers({{"Authorization", header}});
        http::Request request;
        request.headers = &headers;
        request.peer.address = "192.0.2.7";
        request.started = clock().steady_now();
        request.deadline = SteadyTime::max();
        request.match = {token.empty() ? &test::open_route : &whoami_route, {}};
        test::run_to_end(loop(), gate().admit(request));
        return gate().give_ticket(request, scopes);
    }
    std::string issue_text(const std::string& token, const std::vector<Scope>& scopes) {
        return issue(token, scopes).text;
    }
    std::string pull(const std::string& token, const std::string& repository = "closed",
                     const std::string& name = "app") {
        return ask(token, {.route = &pull_route, .repository = repository, .name = name});
    }
    std::string push(const std::string& token, const std::string& repository = "closed") {
        return ask(token, {.route = &push_route, .repository = repository, .name = "app"});
    }
    void forget() { gate().forget(TenantId::trusted("acme")); }
};
INSTANTIATE_ON_EVERY_DATABASE(TicketsTest);

TEST_P(TicketsTest, AreGoodForWhatTheKeyMayAndTheTicketNames) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string ticket = issue_text(key, pulling("package:closed/app"));
    EXPECT_EQ(pull(ticket), "200 alice");
    EXPECT_EQ(ask({{"X-API-Key", ticket}}, {.route = &pull_route, .repository = "closed", .name = "app"}),
              "200 alice");
    EXPECT_EQ(pull(ticket, "closed", "other"),
              "403 This ticket is not good for package:download on package:closed/other: get one that is.");
    EXPECT_TRUE(push(ticket).starts_with("403 This ticket is not good for package:publish"));
    EXPECT_TRUE(ask(ticket).starts_with("403 This ticket is not good for user:read"));
    EXPECT_EQ(pull(ticket, "open", "anything"), "200 alice") << "no less than a stranger";
    EXPECT_EQ(push(issue_text(key, pushing("package:closed/*"))), "200 alice");
    EXPECT_TRUE(pull(issue_text(key, {})).starts_with("403 ")) << "of nothing";

    const std::string bob = world().add_key("acme", {.user = "bob"});
    EXPECT_TRUE(push(issue_text(bob, pushing("package:closed/*"))).starts_with("403 Nothing allows"));
    const std::string narrow = world().add_key(
        "acme",
        {.user = "alice",
         .scopes = R"([{"actions":["package:download"],"resources":["package:closed/a*"],"tags":[]}])"});
    const std::string wide = issue_text(narrow, pushing("package:closed/*"));
    EXPECT_EQ(pull(wide), "200 alice");
    EXPECT_TRUE(pull(wide, "closed", "other").starts_with("403 What you have shown"));
    EXPECT_TRUE(push(wide).starts_with("403 What you have shown"));
    EXPECT_EQ(ask(issue_text(world().add_session("acme", "alice"), pulling("repository:closed")),
                  {.route = &pull_route, .repository = "closed"}),
              "200 alice");
    const std::string robot = world().add_key("acme", {.app = "shop"});
    const std::string pipeline = world().add_key("acme", {.app = "shop", .type = "publisher"});
    for (const std::string& token : {robot, pipeline})
        EXPECT_EQ(push(issue_text(token, pushing("package:closed/app"))).substr(0, 4), "200 ");
    EXPECT_EQ(ask(ticket, {.route = &pull_route, .tenant = "other", .repository = "closed"}),
              "404 There is nothing at this address.");
}

TEST_P(TicketsTest, OfNobodyGiveWhatStrangersHave) {
    for (const std::string& token : {std::string(), std::string("operator-token")}) {
        const std::string ticket = issue_text(token, pushing("*"));
        EXPECT_EQ(pull(ticket, "open"), "200 anonymous");
        EXPECT_EQ(pull(ticket), sign_in);
        EXPECT_EQ(push(ticket, "open"), sign_in);
        EXPECT_EQ(ask(ticket, {.route = &whoami_route}), sign_in);
        clock().advance(limits::ticket_lifetime);
        EXPECT_EQ(pull(ticket, "open"), "401 The ticket has expired; get another one.");
    }
}

// A layer may take longer to come than a ticket lasts.
TEST_P(TicketsTest, LastAsLongAsTheRequestThatCameWithThem) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string ticket = issue_text(key, pushing("package:closed/*"));
    const SteadyTime came = clock().steady_now();
    clock().advance(limits::ticket_lifetime);
    EXPECT_EQ(ask(ticket, {.route = &push_route, .repository = "closed", .name = "app", .started = came}),
              "200 alice");
    EXPECT_EQ(push(ticket), "401 The ticket has expired; get another one.");
}

// What the key loses, its tickets lose with the next request.
TEST_P(TicketsTest, AreWorthlessWithWhatIsBehindThem) {
    const struct {
        const char *table, *what, *answer;
        bool is_session = false;
    } rows[] = {
        {"keys", "revoked_at = 1, revoked_by = 'x'", "401 It was revoked or ended"},
        {"keys", "expires_at = 1", "401 It has expired"},
        {"keys", "networks = '[\"10.0.0.0/8\"]'", "403 This key may not be used from your address."},
        {"keys", "scopes = '[]'", "403 What you have shown is not good for"},
        {"keys", "scopes = '[{}]'", "403 What this key is good for cannot be read"},
        {"sessions", "revoked_at = 1, revoked_reason = 'x'", "401 It was revoked or ended", true},
        {"sessions", "expires_at = 1", "401 It has expired", true},
        {"sessions", "public_id = '0000000000000000'", invalid, true},
        {"users", "status = 'suspended'", "403 You are suspended"},
        {"users", "status = 'suspended'", "403 You are suspended", true},
        {"users", "deleted_at = 1, deleted_by = 'x'", "401 Whose it was is not there any more."},
        {"tenants", "status = 'suspended'", "403 Your tenant is suspended"},
        {"tenants", "deleted_at = 1, deleted_by = 'x'", "401 Whose it was is not there any more."},
        {"tenants", R"(config = '{"security":{"blocked_ips":["192.0.2.0/24"]}}')",
         "403 The address is not let in there"},
        {"tenants", R"(settings = '{"allowed_auth_methods":["oidc"]}')",
         "403 Your organisation lets nobody in"},
        {"user_roles", "role = 'auditor'", "403 Nothing allows"},
    };
    int number = 0;
    for (const auto& row : rows) {
        const std::string tenant = "tenant-" + std::to_string(++number);
        world().add_tenant(tenant);
        world().add_user(tenant, "alice");
        world().give_role(tenant, "alice", "admin");
        repositories().set(tenant,
                           {.id = RepositoryId::trusted("closed"), .name = "closed", .format = "oci"});
        const std::string token = row.is_session ? world().add_session(tenant, "alice")
                                                 : world().add_key(tenant, {.user = "alice"});
        const std::string ticket = issue_text(token, pushing("repository:closed"));
        const Ask what{.route = &push_route, .tenant = tenant, .repository = "closed"};
        EXPECT_EQ(ask(ticket, what), "200 alice") << row.what;
        world().set(row.table, row.what,
                    std::string(std::string_view(row.table) == "tenants" ? "id" : "tenant_id") + " = '" +
                        tenant + "'");
        EXPECT_EQ(ask(ticket, what), "200 alice") << "nobody has said so yet";
        write([&](db::Tx& tx) {
            tx.record({.action = "key.revoke", .tenant = tenant, .subject = "x", .details = "{}"});
        });
        EXPECT_TRUE(ask(ticket, what).starts_with(row.answer))
            << row.table << " " << row.what << ": " << ask(ticket, what);
    }
}

TEST_P(TicketsTest, EndAtOnceWithARefreshOfTheirSession) {
    const std::string session = world().add_session("acme", "alice");
    const std::string ticket = issue_text(session, pulling("*"));
    EXPECT_EQ(pull(ticket), "200 alice");
    const std::string id = test::IdentityWorld::public_id_of(session);
    world().set("sessions", "public_id = '0000000000000000'", "public_id = '" + id + "'");
    write([&](db::Tx& tx) {
        tx.record({.action = "session.refresh",
                   .tenant = "acme",
                   .subject = "x",
                   .details = R"({"public_id":{"from":")" + id + R"("}})"});
    });
    EXPECT_EQ(pull(ticket), invalid);
}

TEST_P(TicketsTest, EndAfterMinutesAndNotAfterTheirKey) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const IssuedTicket ticket = issue(key, pulling("*"));
    EXPECT_EQ(ticket.issued, clock().now());
    EXPECT_EQ(ticket.expires - ticket.issued, limits::ticket_lifetime);
    EXPECT_EQ(pull(ticket.text), "200 alice");
    clock().advance(limits::ticket_lifetime - std::chrono::seconds(1));
    EXPECT_EQ(pull(ticket.text), "200 alice");
    clock().advance(std::chrono::seconds(1));
    EXPECT_TRUE(pull(ticket.text).starts_with("401 ")) << "also where it is in memory";
    EXPECT_EQ(pull(key), "200 alice");
    const std::string brief =
        world().add_key("acme", {.user = "alice", .lifetime = std::chrono::seconds(60)});
    const IssuedTicket last = issue(brief, pulling("*"));
    EXPECT_LE(last.expires - last.issued, std::chrono::seconds(60));
    clock().advance(std::chrono::seconds(60));
    EXPECT_TRUE(pull(last.text).starts_with("401 "));
}

TEST_P(TicketsTest, CountAsTheirKeyDoes) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    world().set("tenants", R"(config = '{"default_credentials":{"apikey":{"requests_per_minute":3}}}')",
                "id = 'acme'");
    const std::string one = issue_text(key, pulling("*")), two = issue_text(key, pushing("*"));
    EXPECT_EQ(pull(one), "200 alice");
    EXPECT_TRUE(pull(two).starts_with("429 Too many requests for this key")) << "two were asking for tickets";
}

TEST_P(TicketsTest, MakeNothingThatLasts) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string ticket = issue_text(key, pulling("*"));
    const auto refusal = [&](const std::string& token, const std::vector<Scope>& scopes) {
        try {
            issue(token, scopes);
        } catch (const Problem& problem) {
            return problem.detail();
        }
        return std::string("issued");
    };
    EXPECT_EQ(refusal(ticket, pulling("*")),
              "A ticket gives no other ticket: show the key that it was given for.");
    for (const char* action : {"*", "key:create", "user:*"})
        EXPECT_EQ(
            refusal(key, {{.actions = {action}, .resources = {}, .tags = {}}}),
            "A ticket is good for packages and repositories alone, not for " + std::string(action) + ".");
    EXPECT_TRUE(
        refusal(key, {{.actions = {}, .resources = {}, .tags = {}}}).starts_with("The ticket's scopes[0]"));
    const std::vector<Scope> many(limits::scopes_per_key,
                                  pulling("package:" + std::string(200, 'x')).front());
    EXPECT_EQ(refusal(key, many), "The ticket's scopes are too long: ask for fewer things at once.");
    EXPECT_EQ(refusal(key, {{.actions = {"package:*", "repository:read"}, .resources = {}, .tags = {}}}),
              "issued");
}

TEST_P(TicketsTest, AreLookedUpOnceAndForgedOnesNever) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string ticket = issue_text(key, pulling("*"));
    const double before = loads();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(pull(ticket), "200 alice");
    EXPECT_EQ(loads(), before) << "the key is in memory already";
    const KeyedHash elsewhere("another installation's pepper");
    const Ticket forged{.tenant = "acme",
                        .kind = TokenKind::personal_key,
                        .public_id = parse_token(key)->public_id,
                        .issued = clock().now(),
                        .expires = clock().now() + std::chrono::minutes(1),
                        .scopes = render_scopes(pulling("*"))};
    EXPECT_EQ(pull(render_ticket(forged, elsewhere).value()), invalid);
    std::string mistyped = ticket;
    mistyped[30] = mistyped[30] == 'a' ? 'b' : 'a';
    EXPECT_EQ(pull(mistyped), invalid);
    EXPECT_EQ(loads(), before);
    EXPECT_FALSE(parse_token(ticket)) << "reported as leaked, it is none of those that are revoked";
    database().hold();
    forget();
    EXPECT_TRUE(pull(ticket).starts_with("503 "));
    database().release();
    EXPECT_EQ(pull(ticket), "200 alice");
}

}  // namespace
}  // namespace lodestone::identity
