// The gate over a real database: who is found behind each credential, what makes it worthless and from when
// on, and what is said when nobody can tell.
#include "identity/gate/gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "identity/gate/explain.hpp"
#include "ledger/audit.hpp"
#include "ledger/refusals.hpp"
#include "support/gate_test.hpp"
#include "support/wait.hpp"

namespace lodestone::identity {
namespace {

using test::publish_route;
using test::user_route;
using test::whoami_route;

class GateTest : public test::GateTest {};
INSTANTIATE_ON_EVERY_DATABASE(GateTest);

constexpr const char* invalid = "401 That key or session is none of ours: check that it is whole.";
constexpr const char* nothing_there = "404 There is nothing at this address.";

TEST_P(GateTest, KnowsWhoIsBehindEachCredential) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string session = world().add_session("acme", "alice");
    EXPECT_EQ(ask(key), "200 alice");
    EXPECT_EQ(ask(session), "200 alice");
    EXPECT_EQ(ask({{"X-API-Key", key}}, {}), "200 alice");
    EXPECT_EQ(ask({{"X-NuGet-ApiKey", key}}, {}), "200 alice");
    EXPECT_EQ(ask({{"X-Authorization", key}}, {}), "200 alice");
    EXPECT_EQ(ask({{"Authorization", key}}, {}), "200 alice");
    EXPECT_EQ(ask(render_hf_alias(*parse_token(key))), "200 alice");
    EXPECT_EQ(ask({{"X-API-Key", key}, {"Authorization", "Bearer " + session}}, {}),
              "400 The request shows two keys that differ; send one.");
    EXPECT_EQ(ask({}, {}), "401 Sign in, or send a key.");
    EXPECT_EQ(ask({{"Cookie", "session=" + session}}, {}), "401 Sign in, or send a key.");
    const std::string pipeline = world().add_key("acme", {.app = "shop", .type = "publisher"});
    EXPECT_EQ(ask(pipeline, {.route = &publish_route}).substr(0, 4), "200 ");
    const std::string robot = world().add_key("acme", {.app = "shop"});
    EXPECT_EQ(ask(robot, {.route = &publish_route}).substr(0, 4), "200 ");
    EXPECT_EQ(ask(robot).substr(0, 4), "403 ");
}

TEST_P(GateTest, RefusesGarbageWithoutAQuery) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    std::string mistyped = key;
    mistyped[20] = mistyped[20] == 'a' ? 'b' : 'a';
    for (const std::string& text :
         {std::string("x"), mistyped, key + "x", key.substr(1), std::string(5'000, 'a')})
        EXPECT_EQ(ask(text), invalid) << text;
    EXPECT_EQ(loads(), 0);
    TokenText unknown = make_token(TokenKind::personal_key, context().random);
    EXPECT_EQ(ask(render_token(unknown)), invalid);
    EXPECT_EQ(loads(), 1);
    // The right public part with another secret, and a key's parts shown as another kind's.
    TokenText forged = *parse_token(key);
    forged.secret = unknown.secret;
    EXPECT_EQ(ask(render_token(forged)), invalid);
    for (const TokenKind kind : {TokenKind::app_key, TokenKind::session, TokenKind::refresh,
                                 TokenKind::invitation, TokenKind::reset_link, TokenKind::publisher}) {
        TokenText other = *parse_token(key);
        other.kind = kind;
        EXPECT_EQ(ask(render_token(other)), invalid);
    }
    EXPECT_EQ(ask(key), "200 alice");
}

TEST_P(GateTest, TellsWhatMakesACredentialWorthless) {
    const struct {
        const char *table, *what, *answer;
        bool is_of_app;
    } rows[] = {
        {"keys", "revoked_at = 1, revoked_by = 'x'", "401 It was revoked or ended", false},
        {"keys", "expires_at = 1", "401 It has expired", false},
        {"keys", "scopes = '[{\"actions\":[\"fly\"]}]'", "403 What this key is good for cannot be read",
         false},
        {"keys", "networks = '[\"10.0.0.0/8\"]'", "403 This key may not be used from your address.", false},
        {"tenants", "status = 'suspended'", "403 Your tenant is suspended", false},
        {"tenants", "deleted_at = 1, deleted_by = 'x'", "401 Whose it was is not there any more.", false},
        {"users", "status = 'suspended'", "403 You are suspended", false},
        {"users", "deleted_at = 1, deleted_by = 'x'", "401 Whose it was is not there any more.", false},
        {"apps", "status = 'disabled'", "403 The app of this key is disabled", true},
        {"apps", "deleted_at = 1, deleted_by = 'x'", "401 Whose it was is not there any more.", true},
    };
    int number = 0;
    for (const auto& row : rows) {
        const std::string tenant = "tenant-" + std::to_string(++number);
        world().add_tenant(tenant);
        world().add_app(tenant, "shop");
        world().add_user(tenant, "alice");
        world().give_role(tenant, "alice", "admin");
        const std::string key = row.is_of_app ? world().add_key(tenant, {.app = "shop"})
                                              : world().add_key(tenant, {.user = "alice"});
        const Ask what{.route = row.is_of_app ? &publish_route : &user_route, .tenant = tenant};
        EXPECT_EQ(ask(key, what).substr(0, 4), "200 ") << row.what;
        const std::string where = std::string(row.table) == "tenants" ? "id" : "tenant_id";
        world().set(row.table, row.what, where + " = '" + tenant + "'");
        gate().forget(TenantId::trusted(tenant));
        EXPECT_TRUE(ask(key, what).starts_with(row.answer))
            << row.table << " " << row.what << ": " << ask(key, what);
    }
}

TEST_P(GateTest, AsksTheDatabaseOnceAndBelievesItForAMoment) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ask(key), "200 alice");
    EXPECT_EQ(loads(), 1);
    world().set("keys", "revoked_at = 1, revoked_by = 'x'", "tenant_id = 'acme'");
    EXPECT_EQ(ask(key), "200 alice") << "nobody said so yet";
    clock().advance(limits::principal_lifetime);
    EXPECT_TRUE(ask(key).starts_with("401 "));
}

// What this process writes counts from the next request on.
TEST_P(GateTest, ForgetsWhatChanged) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string elsewhere = world().add_key("other", {.user = "alice"});
    EXPECT_EQ(ask(key), "200 alice");
    EXPECT_EQ(ask(elsewhere, {.tenant = "other"}), "200 alice");
    world().set("users", "status = 'suspended'", "tenant_id = 'acme' AND id = 'alice'");
    write([](db::Tx& tx) {
        tx.record({.action = "package.publish", .tenant = "acme", .subject = "x", .details = "{}"});
    });
    EXPECT_EQ(ask(key), "200 alice") << "that changes nobody's rights";
    write([](db::Tx& tx) {
        tx.record({.action = "user.suspend", .tenant = "acme", .subject = "alice", .details = "{}"});
    });
    EXPECT_TRUE(ask(key).starts_with("403 "));
    const double before = loads();
    EXPECT_EQ(ask(elsewhere, {.tenant = "other"}), "200 alice");
    EXPECT_EQ(loads(), before) << "others are not loaded again";
    write([](db::Tx& tx) {
        tx.record({.action = "platform_admin.grant", .tenant = "", .subject = "alice", .details = "{}"});
    });
    EXPECT_EQ(ask(elsewhere, {.tenant = "other"}), "200 alice");
    EXPECT_EQ(loads(), before + 1) << "what is nobody's concerns everybody";
}

// As another process on the same file, or another node: what it writes is heard.
TEST_P(GateTest, HearsWhatOthersChange) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    gate().start_watching();
    while (!gate().is_watching()) std::this_thread::yield();
    EXPECT_EQ(ask(key), "200 alice");
    world().set("keys", "revoked_at = 1, revoked_by = 'x'", "tenant_id = 'acme'");
    if (GetParam() == db::EngineKind::postgres) run_sql("NOTIFY lodestone_identity, 'acme'");
    const auto start = std::chrono::steady_clock::now();
    while (ask(key) == "200 alice" && std::chrono::steady_clock::now() - start < std::chrono::seconds(20))
        std::this_thread::yield();
    EXPECT_TRUE(ask(key).starts_with("401 "));
}

TEST_P(GateTest, LetsNobodyInWhileNobodyCanTell) {
    const std::string warm = world().add_key("acme", {.user = "alice"});
    const std::string cold = world().add_key("acme", {.user = "bob"});
    EXPECT_EQ(ask(warm), "200 alice");
    database().hold();
    EXPECT_TRUE(ask(cold).starts_with("503 "));
    EXPECT_EQ(ask(warm), "200 alice") << "what is known keeps working";
    clock().advance(limits::principal_lifetime);
    EXPECT_TRUE(ask(warm).starts_with("503 "));
    database().release();
    EXPECT_EQ(ask(warm), "200 alice");
}

TEST_P(GateTest, HidesOtherTenants) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    EXPECT_EQ(ask(key, {.tenant = "other"}), nothing_there);
    EXPECT_EQ(ask(key, {.tenant = "nobody"}), nothing_there) << "whether it is there or not";
    EXPECT_EQ(ask(key, {.tenant = "no id/at all"}), nothing_there);
    EXPECT_EQ(ask({}, {.tenant = "other"}), "401 Sign in, or send a key.");
}

TEST_P(GateTest, GivesWhatRolesMembershipsAndPoliciesSay) {
    const std::string bob = world().add_key("acme", {.user = "bob"});
    const Ask publish{.route = &publish_route};
    EXPECT_TRUE(ask(bob, publish).starts_with("403 Nothing allows package:publish"));
    EXPECT_EQ(ask(bob), "200 bob") << "himself";
    world().add_member("acme", "shop", "bob", "developer");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_EQ(ask(bob, publish), "200 bob");
    world().set("apps", "status = 'disabled'", "tenant_id = 'acme'");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_TRUE(ask(bob, publish).starts_with("403 ")) << "nothing in a disabled app";
    world().add_role("acme", "releaser", R"(["package:publish"])");
    world().give_role("acme", "bob", "releaser");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_EQ(ask(bob, publish), "200 bob");
    world().add_policy("acme", "freeze", "deny", R"(["role:releaser"])", R"(["package:*"])");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_EQ(ask(bob, publish), "403 The policy \"freeze\" forbids it.");
    // What cannot be read forbids everything, for everybody.
    world().set("policies", "conditions = '[{}]'", "tenant_id = 'acme'");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_TRUE(ask(bob).starts_with("403 The policy \"freeze\" cannot be read"));
    // In none of these tables is anybody the owner.
    world().set("policies", "status = 'inactive'", "tenant_id = 'acme'");
    world().set("user_roles", "role = 'owner'", "user_id = 'bob' AND tenant_id = 'acme'");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_TRUE(ask(bob, publish).starts_with("403 "));
}

TEST_P(GateTest, LimitsKeysToTheirScopesAndNetworks) {
    const Ask publish{.route = &publish_route};
    const std::string reading = world().add_key(
        "acme", {.user = "alice", .scopes = R"([{"actions":["user:*"],"resources":["user:b*"],"tags":[]}])"});
    EXPECT_EQ(ask(reading), "200 alice");
    EXPECT_TRUE(ask(reading, publish).starts_with("403 What you have shown is not good for package:publish"));
    const std::string office = world().add_key("acme", {.user = "alice", .networks = R"(["10.0.0.0/8"])"});
    EXPECT_EQ(ask(office, {.address = "10.1.2.3"}), "200 alice");
    EXPECT_EQ(ask(office), "403 This key may not be used from your address.");
    const std::string open = world().add_key("acme", {.user = "alice", .type = "public"});
    EXPECT_TRUE(ask(open, publish).starts_with("403 What you have shown is not good for package:publish"));
}

// Fifty requests that come at once, on several loops, load it once.
TEST_P(GateTest, LoadsOnceForManyWhoWait) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string header = "Bearer " + key;
    std::atomic<int> admitted{0};
    std::barrier together(4);
    test::run_at_once(4, [&](int) {
        boost::asio::io_context loop{1};
        const http::ReceivedHeaders headers = test::make_headers({{"Authorization", header}});
        std::vector<http::Request> requests(12);
        for (http::Request& request : requests) {
            request.headers = &headers;
            request.deadline = SteadyTime::max();
            request.match = {&whoami_route, {}};
            boost::asio::co_spawn(loop.get_executor(), gate().admit(request),
                                  [&](const std::exception_ptr& failure) {
                                      if (!failure) ++admitted;
                                  });
        }
        together.arrive_and_wait();
        loop.run();
    });
    EXPECT_EQ(admitted, 48);
    EXPECT_EQ(metric("lodestone_principals_total{found=\"database\"}") +
                  metric("lodestone_principals_total{found=\"memory\"}"),
              48);
}

// Each thread has found the key right and remembers that: the revocation counts for all of them, at once.
TEST_P(GateTest, RefusesARevokedKeyOnEveryThreadThatKnewIt) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string header = "Bearer " + key;
    std::atomic<bool> is_revoked{false};
    std::atomic<int> admitted_late{0};
    std::barrier all_know_it(5);
    std::thread revoker([&] {
        all_know_it.arrive_and_wait();
        world().set("keys", "revoked_at = 1, revoked_by = 'x'", "tenant_id = 'acme'");
        gate().forget(TenantId::trusted("acme"));
        is_revoked = true;
    });
    test::run_at_once(4, [&](int) {
        boost::asio::io_context loop{1};
        const http::ReceivedHeaders headers = test::make_headers({{"Authorization", header}});
        const auto is_admitted = [&] {
            http::Request request;
            request.headers = &headers;
            request.started = clock().steady_now();
            request.deadline = SteadyTime::max();
            request.match = {&whoami_route, {}};
            return !test::find_refusal(loop, gate(), request);
        };
        EXPECT_TRUE(is_admitted());
        all_know_it.arrive_and_wait();
        while (!is_revoked) is_admitted();
        if (is_admitted()) ++admitted_late;
    });
    revoker.join();
    EXPECT_EQ(admitted_late, 0);
}

// What a thread knows is no older than anything else.
TEST_P(GateTest, BelievesWhatAThreadKnowsOnlyForAMoment) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    EXPECT_EQ(ask(key), "200 alice");
    const double found = metric("lodestone_principals_total{found=\"memory\"}");
    EXPECT_EQ(ask(key), "200 alice");
    EXPECT_EQ(metric("lodestone_principals_total{found=\"memory\"}"), found + 1);
    clock().advance(limits::principal_lifetime);
    EXPECT_EQ(ask(key), "200 alice");
    EXPECT_EQ(loads(), 2) << "it was loaded again";
}

// Behind a body that took an hour, what was loaded as it began is an hour old.
TEST_P(GateTest, BelievesNothingLongerForABody) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    EXPECT_EQ(ask(key), "200 alice");
    const SteadyTime started = clock().steady_now();
    world().set("keys", "revoked_at = 1, revoked_by = 'x'", "tenant_id = 'acme'");  // and nobody says so
    clock().advance(limits::principal_lifetime - std::chrono::seconds(1));
    EXPECT_EQ(ask(key, {.started = started, .is_asked_again = true}), "200 alice");
    clock().advance(std::chrono::hours(1));
    EXPECT_TRUE(ask(key, {.started = started, .is_asked_again = true}).starts_with("401 "));
}

TEST_P(GateTest, NotesWhenKeysWereUsed) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    EXPECT_EQ(ask(key), "200 alice");
    EXPECT_EQ(run_sql("SELECT count(*) FROM keys WHERE last_used_at IS NOT NULL"), "0") << "not yet";
    clock().advance(limits::key_use_interval);
    EXPECT_EQ(ask(key), "200 alice");
    const std::string used = "SELECT last_used_from FROM keys WHERE last_used_at = " +
                             std::to_string(clock().now().time_since_epoch().count());
    EXPECT_TRUE(test::wait_until([&] { return run_sql(used) == "192.0.2.7"; }));
}

TEST_P(GateTest, ExplainsDecisions) {
    const std::string alice = "Bearer " + world().add_key("acme", {.user = "alice"});
    const std::string bob = "Bearer " + world().add_key("acme", {.user = "bob"});
    const auto explain_as = [&](const std::string& header, std::vector<AccessQuestion> questions) {
        const http::ReceivedHeaders headers = test::make_headers({{"Authorization", header}});
        http::Request request;
        request.headers = &headers;
        request.deadline = SteadyTime::max();
        request.match = {&whoami_route, {}};
        test::run_to_end(loop(), gate().admit(request));
        return test::run_to_end(loop(), explain(gate(), request, std::move(questions)));
    };
    Resource user;
    user.type = "user";
    user.id = "bob";
    Resource foreign = user;
    foreign.tenant = TenantId::trusted("other");
    const auto decisions = explain_as(alice, {{"user:update", user, std::nullopt},
                                              {"user:update", user, UserId::trusted("bob")},
                                              {"user:read", foreign, std::nullopt}});
    ASSERT_EQ(decisions.size(), 3u);
    EXPECT_TRUE(decisions[0].is_allowed);
    EXPECT_EQ(decisions[0].rule, "role:admin");
    EXPECT_FALSE(decisions[1].is_allowed);
    EXPECT_EQ(decisions[1].reason, "Nothing allows user:update on user:bob.");
    EXPECT_TRUE(decisions[2].is_hidden);
    EXPECT_EQ(explain_as(bob, {{"user:update", user, UserId::trusted("bob")}})[0].rule, "default")
        << "about himself";
    EXPECT_THROW(explain_as(bob, {{"user:update", user, UserId::trusted("alice")}}), Problem);
    EXPECT_THROW(explain_as(alice, {{"user:update", user, UserId::trusted("nobody")}}), Problem);
    EXPECT_THROW(explain_as(alice, std::vector<AccessQuestion>(limits::access_questions + 1)), Problem);
}

TEST_P(GateTest, MakesTheUnitOfWorkOfARequest) {
    const std::string header = "Bearer " + world().add_key("acme", {.user = "alice"});
    const http::ReceivedHeaders headers =
        test::make_headers({{"Authorization", header}, {"User-Agent", "curl/8"}});
    http::Request request;
    request.headers = &headers;
    request.id = "request-7";
    request.deadline = SteadyTime::max();
    request.peer.address = "192.0.2.7";
    request.match = {&whoami_route, {}};
    test::run_to_end(loop(), gate().admit(request));
    const db::Unit unit = make_unit(request);
    EXPECT_EQ(unit.actor, "alice");
    EXPECT_EQ(unit.actor_tenant, "acme");
    EXPECT_EQ(unit.request_id, "request-7");
    EXPECT_EQ(unit.address, "192.0.2.7");
    EXPECT_EQ(unit.agent, "curl/8");
    EXPECT_EQ(unit.key, request.principal->key->text());
    request.principal = nullptr;
    EXPECT_EQ(make_unit(request).actor, "anonymous");
}

}  // namespace
}  // namespace lodestone::identity
