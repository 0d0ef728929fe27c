// What tenants and apps have set for themselves, as the gate obeys it: addresses, methods, paces, pages,
// duties.
#include <gtest/gtest.h>

#include <map>

#include "base/tenant_limits.hpp"
#include "support/gate_test.hpp"

namespace lodestone::identity {
namespace {

using test::open_route;
using test::own_factor_route;
using test::publish_route;
using test::whoami_route;

class GateSettingsTest : public test::GateTest {};
INSTANTIATE_ON_EVERY_DATABASE(GateSettingsTest);

TEST_P(GateSettingsTest, LetsInFromTheTenantsAddressesAlone) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string session = world().add_session("acme", "alice");
    const std::string elsewhere = world().add_key("other", {.user = "alice"});
    world().set("tenants",
                R"(config = '{"security":{"allowed_ips":["10.0.0.0/8"],"blocked_ips":["10.9.0.0/16"]}}')",
                "id = 'acme'");
    const std::string not_allowed =
        "403 The address is not let in there: the tenant's config.security.allowed_ips says so.";
    for (const std::string& token : {key, session}) {
        EXPECT_EQ(ask(token, {.address = "10.1.2.3"}), "200 alice");
        EXPECT_EQ(ask(token), not_allowed);
        EXPECT_EQ(ask(token, {.address = "10.9.2.3"}),
                  "403 The address is not let in there: the tenant's config.security.blocked_ips says so.");
        EXPECT_EQ(ask(token, {.route = &whoami_route}), not_allowed) << "not even that";
    }
    EXPECT_EQ(ask(elsewhere, {.tenant = "other"}), "200 alice");
    world().set("tenants", "config = '[]'", "id = 'acme'");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_TRUE(ask(key, {.address = "10.1.2.3"}).starts_with("403 "))
        << "what cannot be read lets nobody in";
}

// What is public is read without a key, and still only as far as the tenant lets strangers in.
TEST_P(GateSettingsTest, HoldsStrangersToTheTenantsRules) {
    Resource shelf;
    shelf.tenant = TenantId::trusted("acme");
    shelf.type = "repository";
    shelf.id = "open";
    shelf.is_public = true;
    const auto read = [&] {
        const http::ReceivedHeaders headers = test::make_headers({});
        http::Request request;
        request.headers = &headers;
        request.peer.address = "192.0.2.7";
        request.deadline = SteadyTime::max();
        request.match = {&open_route, {}};
        test::run_to_end(loop(), gate().admit(request));
        try {
            test::run_to_end(loop(), gate().authorise(request, "repository:read", shelf));
        } catch (const Problem& problem) {
            return std::string(problem.kind().code);
        }
        return std::string("read");
    };
    EXPECT_EQ(read(), "read");
    shelf.is_public = false;
    EXPECT_EQ(read(), "unauthenticated");
    shelf.is_public = true;
    world().set("tenants", R"(config = '{"security":{"blocked_ips":["192.0.2.0/24"]}}')", "id = 'acme'");
    gate().forget(shelf.tenant);
    EXPECT_EQ(read(), "address-not-allowed");
    world().set("tenants", "config = '{}', status = 'suspended'", "id = 'acme'");
    gate().forget(shelf.tenant);
    EXPECT_EQ(read(), "unauthenticated");
    world().set("tenants", "status = 'active'", "id = 'acme'");
    world().add_policy("acme", "members", "deny", R"(["anonymous"])", R"(["*"])");
    gate().forget(shelf.tenant);
    EXPECT_EQ(read(), "unauthenticated");
    world().set("policies", "status = 'inactive'", "tenant_id = 'acme'");
    gate().forget(shelf.tenant);
    EXPECT_EQ(read(), "read");
}

TEST_P(GateSettingsTest, LetsInByTheTenantsMethodsAlone) {
    const std::string with_password = world().add_session("acme", "alice");
    const std::string with_provider = world().add_session("acme", "alice");
    world().set("sessions", "method = 'provider'",
                "public_id = '" + test::IdentityWorld::public_id_of(with_provider) + "'");
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string pipeline = world().add_key("acme", {.app = "shop", .type = "publisher"});
    const Ask whoami{.route = &whoami_route};
    const std::map<std::string, std::string> tokens{
        {"password", with_password}, {"oidc", with_provider}, {"key", key}, {"publisher", pipeline}};
    for (const auto& [allowed, own_token] : tokens) {
        world().set("tenants", R"(settings = '{"allowed_auth_methods":[")" + allowed + R"("]}')",
                    "id = 'acme'");
        gate().forget(TenantId::trusted("acme"));
        for (const auto& [method, token] : tokens) {
            const std::string answer = ask(token, whoami);
            if (method == allowed)
                EXPECT_EQ(answer.substr(0, 4), "200 ") << method;
            else
                EXPECT_EQ(answer,
                          "403 Your organisation lets nobody in this way "
                          "(settings.allowed_auth_methods).")
                    << method << " where only " << allowed;
        }
    }
}

TEST_P(GateSettingsTest, LimitsTheKeysOfAnAppAsItsConfigurationSays) {
    const Ask publish{.route = &publish_route};
    const std::string robot = world().add_key("acme", {.app = "shop"});
    const std::string pipeline = world().add_key("acme", {.app = "shop", .type = "publisher"});
    const std::string person = world().add_key("acme", {.user = "alice"});
    world().set("apps",
                R"(config = '{"allowed_scopes":["package:read","user:*"],)"
                R"("allowed_origins":["https://shop.example"]}')",
                "tenant_id = 'acme'");
    for (const std::string& token : {robot, pipeline})
        EXPECT_EQ(ask(token, publish),
                  "403 Keys of this app are not good for package:publish (its config.allowed_scopes).");
    EXPECT_EQ(ask(person, publish), "200 alice") << "hers, not the app's";
    world().set("apps", R"(config = '{"allowed_origins":["https://shop.example"]}')", "tenant_id = 'acme'");
    gate().forget(TenantId::trusted("acme"));
    const std::string header = "Bearer " + robot;
    EXPECT_EQ(ask(robot, publish).substr(0, 4), "200 ") << "no web page";
    EXPECT_EQ(ask({{"Authorization", header}, {"Origin", "https://shop.example"}}, publish).substr(0, 4),
              "200 ");
    EXPECT_EQ(ask({{"Authorization", header}, {"Origin", "https://evil.example"}}, publish),
              "403 This key may not be used by that web page (its app's config.allowed_origins).");
    world().set("apps", R"(config = '{"allowed_scopes":7}')", "tenant_id = 'acme'");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_TRUE(ask(robot, publish).starts_with("403 What this key is good for cannot be read"));
}

TEST_P(GateSettingsTest, LetsNobodyComeMoreOftenThanConfigured) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    const std::string second = world().add_key("acme", {.user = "alice"});
    const std::string robot = world().add_key("acme", {.app = "shop"});
    const std::string elsewhere = world().add_key("other", {.user = "alice"});
    const auto count = [&](const std::string& token, const Ask& what) {
        int let_in = 0;
        while (let_in < 100 && ask(token, what).starts_with("200 ")) ++let_in;
        return let_in;
    };
    const Ask publish{.route = &publish_route};
    world().set("tenants", R"(config = '{"default_credentials":{"apikey":{"requests_per_minute":3}}}')",
                "id = 'acme'");
    EXPECT_EQ(count(key, {}), 3);
    EXPECT_EQ(count(second, {}), 3) << "each key apart";
    EXPECT_EQ(ask(key), "429 Too many requests for this key: wait, or have its limit raised.");
    clock().advance(std::chrono::seconds(20));
    EXPECT_EQ(count(key, {}), 1);
    world().set("apps",
                R"(config = '{"credentials":{"apikey":{"requests_per_minute":50}},)"
                R"("rate_limits":{"enabled":true,"requests_per_minute":60,"burst":5}}')",
                "tenant_id = 'acme'");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_EQ(count(robot, publish), 5) << "the app's word counts before the tenant's";
    EXPECT_EQ(ask(robot, publish), "429 Too many requests for this app: wait, or have its limit raised.");
    world().set("tenants", R"(config = '{"security":{"global_rate_limit_per_minute":2}}')", "id = 'acme'");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_EQ(count(key, {}) + count(second, {}), 2) << "everybody of the tenant together";
    EXPECT_EQ(ask(key), "429 Too many requests for this tenant: wait, or have its limit raised.");
    EXPECT_EQ(count(elsewhere, {.tenant = "other"}), 100);
}

// A body that has come is not thrown away because others came meanwhile, nor does it count once more.
TEST_P(GateSettingsTest, CountsARequestOnceHoweverLongItsBodyTakes) {
    const std::string key = world().add_key("acme", {.user = "alice"});
    world().set("tenants", R"(config = '{"default_credentials":{"apikey":{"requests_per_minute":2}}}')",
                "id = 'acme'");
    const Ask behind_a_body{.started = clock().steady_now() - limits::admission_lifetime,
                            .is_asked_again = true};
    EXPECT_EQ(ask(key), "200 alice");
    for (int part = 0; part < 5; ++part) EXPECT_EQ(ask(key, behind_a_body), "200 alice");
    EXPECT_EQ(ask(key), "200 alice") << "the second request";
    EXPECT_TRUE(ask(key).starts_with("429 "));
    EXPECT_EQ(ask(key, behind_a_body), "200 alice");
}

TEST_P(GateSettingsTest, HoldsBackWhoHasASecondFactorToAdd) {
    world().give_role("acme", "bob", "admin");
    const std::string key = world().add_key("acme", {.user = "bob"});
    const std::string bare = world().add_session("acme", "bob");
    const std::string proven = world().add_session("acme", "bob", true);
    EXPECT_EQ(ask(bare), "200 bob");
    world().set("tenants", R"(settings = '{"require_mfa":true}')", "id = 'acme'");
    gate().forget(TenantId::trusted("acme"));
    EXPECT_EQ(ask(bare),
              "403 Your organisation asks for a second factor: add one, or sign in again with yours.");
    EXPECT_EQ(ask(bare, {.route = &own_factor_route}), "200 bob");
    EXPECT_EQ(ask(bare, {.route = &whoami_route}), "200 bob") << "clients have to see what is missing";
    EXPECT_EQ(ask(proven), "200 bob");
    EXPECT_EQ(ask(key), "200 bob") << "a key is no sign-in";
}

TEST_P(GateSettingsTest, HoldsBackWhoHasAnOldPassword) {
    const std::string token = world().add_session("acme", "bob");
    const std::string with_provider = world().add_session("acme", "bob");
    world().set("sessions", "method = 'provider'",
                "public_id = '" + test::IdentityWorld::public_id_of(with_provider) + "'");
    run_sql(
        "INSERT INTO user_credentials (tenant_id, user_id, password_hash, password_changed_at, "
        "must_change_password, failed_attempts, updated_at) VALUES ('acme', 'bob', 'x', " +
        std::to_string((clock().now() - std::chrono::days(30)).time_since_epoch().count()) +
        ", FALSE, 0, 1)");
    for (const auto& [days, answer] :
         {std::pair("31", "200 bob"), std::pair("30",
                                                "403 You have to choose a new password before "
                                                "anything else.")}) {
        world().set("tenants",
                    R"(settings = '{"password_policy":{"max_age_days":)" + std::string(days) + "}}'",
                    "id = 'acme'");
        gate().forget(TenantId::trusted("acme"));
        EXPECT_EQ(ask(token), answer);
        EXPECT_EQ(ask(with_provider), "200 bob") << "the password is nothing to it";
    }
}

}  // namespace
}  // namespace lodestone::identity
