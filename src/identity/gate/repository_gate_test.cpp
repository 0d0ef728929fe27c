// The gate where a path names a repository: who may do what there, what strangers and other tenants' people
// read of what is public, and that what is not there looks like what one may not see.
#include <gtest/gtest.h>

#include <algorithm>

#include "http/server/app_named_later.hpp"
#include "identity/gate/explain.hpp"
#include "support/gate_test.hpp"

namespace lodestone::identity {
namespace {

using http::Access;
using http::Method;

constexpr http::Route download_route{
    Method::get, "/generic/{tenant}/{repository}/{name}",
    Access::needs("package:download", {.id = "name", .repository = "repository", .format = "generic"}),
    nullptr};
constexpr http::Route upload_route{
    Method::put, "/generic/{tenant}/{repository}/{name}",
    Access::needs("package:publish", {.id = "name", .repository = "repository", .format = "generic"}),
    nullptr};
// The body says what it is about.
constexpr http::Route form_route{
    Method::post, "/generic/{tenant}/{repository}",
    Access::needs("package:publish", {.id = http::in_body, .repository = "repository", .format = "generic"}),
    nullptr};
constexpr http::Route packages_route{Method::get, "/tenants/{tenant}/repositories/{repository}/packages",
                                     Access::needs("package:list", {.repository = "repository"}), nullptr};
constexpr http::Route show_route{Method::get, "/tenants/{tenant}/repositories/{repository}",
                                 Access::needs("repository:read", {.repository = "repository"}), nullptr};
constexpr http::Route change_route{Method::put, "/tenants/{tenant}/repositories/{repository}",
                                   Access::needs("repository:update", {.repository = "repository"}), nullptr};

constexpr const char* nothing_there = "404 There is nothing at this address.";
constexpr const char* sign_in = "401 Sign in, or send a key.";

std::string in_lower_case(std::string_view name) {
    std::string folded(name);
    std::ranges::transform(folded, folded.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return folded;
}

class RepositoryGateTest : public test::GateTest {
  protected:
    void SetUp() override {
        GateTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        set({.is_public = true}, "open");
        set({.app = AppId::trusted("shop")}, "closed");
        set({.app = AppId::trusted("shop"), .is_public = true}, "shop-window");
    }
    void set(RepositoryFacts facts, const std::string& name) {
        facts.id = RepositoryId::trusted(name);
        facts.name = name;
        facts.format = "generic";
        facts.fold_name = in_lower_case;
        repositories().set("acme", facts);
    }
    std::string get(const std::string& repository, const std::string& token = "",
                    const std::string& name = "x") {
        return ask_for(download_route, repository, token, name);
    }
    std::string ask_for(const http::Route& route, const std::string& repository,
                        const std::string& token = "", const std::string& name = "x") {
        const Ask what{.route = &route, .repository = repository, .name = name};
        return token.empty() ? ask({}, what) : ask(token, what);
    }
    std::string key_of(const std::string& tenant, const std::string& scopes) {
        return world().add_key(tenant, {.user = "alice", .scopes = scopes});
    }
    void forget() { gate().forget(TenantId::trusted("acme")); }
};
INSTANTIATE_ON_EVERY_DATABASE(RepositoryGateTest);

TEST_P(RepositoryGateTest, ShowsStrangersWhatIsPublic) {
    const std::string visitor = world().add_key("other", {.user = "alice"});
    const std::string visiting_session = world().add_session("other", "bob");
    for (const http::Route* route : {&download_route, &packages_route, &show_route}) {
        EXPECT_EQ(ask_for(*route, "open"), "200 anonymous");
        EXPECT_EQ(ask_for(*route, "closed"), sign_in);
        EXPECT_EQ(ask_for(*route, "missing"), sign_in) << "as one that is there";
        EXPECT_EQ(ask_for(*route, "open", visitor), "200 alice");
        EXPECT_EQ(ask_for(*route, "open", visiting_session), "200 bob");
        EXPECT_EQ(ask_for(*route, "open", "operator-token"), "200 operator");
        EXPECT_EQ(ask_for(*route, "closed", visitor), nothing_there);
        EXPECT_EQ(ask_for(*route, "missing", visitor), nothing_there);
    }
    for (const http::Route* route : {&upload_route, &change_route}) {
        EXPECT_EQ(ask_for(*route, "open"), sign_in);
        EXPECT_EQ(ask_for(*route, "open", visitor), nothing_there) << "whatever they are at home";
    }
    EXPECT_EQ(ask({}, {.route = &download_route, .tenant = "nobody", .repository = "open"}), sign_in);
}

TEST_P(RepositoryGateTest, KnowsWhichAppARepositoryIsOf) {
    const std::string alice = world().add_key("acme", {.user = "alice"});
    const std::string bob = world().add_key("acme", {.user = "bob"});
    const std::string robot = world().add_key("acme", {.app = "shop"});
    EXPECT_EQ(ask_for(upload_route, "closed", alice), "200 alice");
    EXPECT_EQ(ask_for(upload_route, "closed", bob),
              "403 Nothing allows package:publish on package:closed/x.");
    EXPECT_EQ(get("open", bob), "200 bob") << "what is public, anybody";
    world().add_member("acme", "shop", "bob", "developer");
    forget();
    EXPECT_EQ(ask_for(upload_route, "closed", bob), "200 bob");
    EXPECT_EQ(ask_for(upload_route, "open", bob), "403 Nothing allows package:publish on package:open/x.");
    EXPECT_EQ(ask_for(upload_route, "closed", robot).substr(0, 4), "200 ");
    EXPECT_EQ(ask_for(upload_route, "open", robot).substr(0, 4), "403 ");
}

TEST_P(RepositoryGateTest, SaysWhatIsNotThereToWhomItConcerns) {
    const std::string alice = world().add_key("acme", {.user = "alice"});
    const std::string bob = world().add_key("acme", {.user = "bob"});
    const std::string missing = "404 There is no repository \"missing\" here.";
    EXPECT_EQ(get("missing", alice), missing);
    EXPECT_EQ(ask_for(upload_route, "missing", alice), missing);
    EXPECT_EQ(get("missing", bob), "403 Nothing allows package:download on package:missing/x.");
    EXPECT_EQ(get("closed", bob), "403 Nothing allows package:download on package:closed/x.");
    RepositoryFacts images{
        .id = RepositoryId::trusted("i"), .name = "images", .format = "oci", .is_public = true};
    repositories().set("acme", images);
    EXPECT_EQ(get("images", alice), "404 There is no repository \"images\" here.") << "of this format";
    EXPECT_EQ(get("images"), sign_in);
    EXPECT_EQ(ask_for(show_route, "images"), "200 anonymous") << "of whatever format";
}

// Nothing is more open than the tenant lets it be.
TEST_P(RepositoryGateTest, HoldsStrangersToTheTenantsRules) {
    const std::string visitor = world().add_key("other", {.user = "alice"});
    const auto expect = [&](const std::string& to_strangers, const std::string& to_visitors) {
        forget();
        EXPECT_EQ(get("open").substr(0, to_strangers.size()), to_strangers);
        EXPECT_EQ(get("open", visitor).substr(0, to_visitors.size()), to_visitors);
    };
    expect("200 ", "200 ");
    world().add_policy("acme", "members", "deny", R"(["anonymous"])", R"(["package:download"])");
    expect(sign_in, nothing_there);
    world().set("policies", "conditions = '[{}]'", "tenant_id = 'acme'");
    expect(sign_in, nothing_there);
    world().set("policies", "status = 'inactive'", "tenant_id = 'acme'");
    expect("200 ", "200 ");
    world().set("tenants", R"(config = '{"security":{"blocked_ips":["192.0.2.0/24"]}}')", "id = 'acme'");
    const std::string kept_out = "403 The address is not let in there";
    expect(kept_out, kept_out);
    world().set("tenants", "config = '{}', status = 'suspended'", "id = 'acme'");
    expect(sign_in, nothing_there);
    world().set("tenants", "status = 'active'", "id = 'acme'");
    expect("200 ", "200 ");
    set({.is_public = true, .is_app_active = false}, "open");
    expect(sign_in, nothing_there);
}

TEST_P(RepositoryGateTest, AsksThatWhatIsShownBeGood) {
    const std::string visitor = world().add_key("other", {.user = "alice"});
    EXPECT_EQ(get("open", visitor), "200 alice");
    world().set("keys", "revoked_at = 1, revoked_by = 'x'", "tenant_id = 'other'");
    gate().forget(TenantId::trusted("other"));
    EXPECT_TRUE(get("open", visitor).starts_with("401 "));
    EXPECT_TRUE(get("open", "garbage").starts_with("401 "));
}

TEST_P(RepositoryGateTest, LimitsKeysToRepositories) {
    const auto scopes = [](const std::string& resource) {
        return R"([{"actions":["package:*"],"resources":[")" + resource + R"("],"tags":[]}])";
    };
    for (const char* resource :
         {"repository:closed", "repository:closed/*", "package:closed/*", "repository:cl*"}) {
        const std::string key = key_of("acme", scopes(resource));
        EXPECT_EQ(get("closed", key), "200 alice") << resource;
        EXPECT_EQ(ask_for(packages_route, "closed", key), "200 alice") << resource;
        EXPECT_TRUE(ask_for(upload_route, "open", key).starts_with("403 What you have shown")) << resource;
        EXPECT_EQ(get("open", key), "200 alice") << "no less than who shows nothing";
        EXPECT_TRUE(get("missing", key).starts_with("403 ")) << resource;
    }
    const std::string one = key_of("acme", scopes("package:closed/left-*"));
    EXPECT_EQ(get("closed", one, "left-pad"), "200 alice");
    EXPECT_EQ(get("closed", one, "Left-Pad"), "200 alice") << "as its format folds names";
    EXPECT_TRUE(get("closed", one, "right-pad").starts_with("403 "));
    EXPECT_TRUE(ask_for(packages_route, "closed", one).starts_with("403 "));
    EXPECT_EQ(get("open", key_of("other", scopes("repository:closed"))), "200 alice");
    EXPECT_EQ(get("open", world().add_key("acme", {.user = "bob", .scopes = "[]"})), "200 bob");
}

TEST_P(RepositoryGateTest, LetsInWhoeverMayDoItWithSomethingThatABodyNames) {
    const auto key = [&](const std::string& action, const std::string& resource) {
        return key_of("acme",
                      R"([{"actions":[")" + action + R"("],"resources":[")" + resource + R"("],"tags":[]}])");
    };
    EXPECT_EQ(ask_for(form_route, "closed", key("package:publish", "package:closed/left-pad")), "200 alice");
    EXPECT_EQ(ask_for(form_route, "closed", key("package:*", "repository:closed")), "200 alice");
    EXPECT_TRUE(
        ask_for(form_route, "closed", key("package:publish", "package:open/left-pad")).starts_with("403 "));
    EXPECT_TRUE(ask_for(form_route, "closed", key("package:read", "package:closed/*")).starts_with("403 "));
    EXPECT_TRUE(ask_for(form_route, "closed", world().add_key("acme", {.user = "bob"})).starts_with("403 "));
    EXPECT_EQ(ask_for(form_route, "closed", key_of("other", "[]")), nothing_there);
    EXPECT_EQ(ask_for(form_route, "open"), sign_in);
    EXPECT_EQ(ask_for(form_route, "missing", world().add_key("acme", {.user = "alice"})),
              "404 There is no repository \"missing\" here.");
}

TEST_P(RepositoryGateTest, ForbidsByTheNameThatAFormatFolds) {
    const std::string alice = world().add_key("acme", {.user = "alice"});
    world().add_policy("acme", "held-back", "deny", R"(["*"])", R"(["*"])");
    const auto forbid = [&](const std::string& resource) {
        world().set("policies", "resources = '[\"" + resource + "\"]'", "tenant_id = 'acme'");
        forget();
    };
    forbid("package:open/secret");
    for (const char* name : {"secret", "Secret", "SECRET"}) {
        EXPECT_TRUE(get("open", alice, name).starts_with("403 The policy")) << name;
        EXPECT_EQ(get("open", "", name), sign_in) << name;
    }
    EXPECT_EQ(get("open", alice, "secrets"), "200 alice");
    forbid("repository:open");
    EXPECT_TRUE(get("open", alice).starts_with("403 The policy")) << "what is in it, too";
    EXPECT_EQ(get("open"), sign_in);
    EXPECT_EQ(get("closed", alice), "200 alice");
}

TEST_P(RepositoryGateTest, WaitsForWhatIsNotInMemory) {
    repositories().keep_in_memory(false);
    const std::string alice = world().add_key("acme", {.user = "alice"});
    EXPECT_EQ(get("open"), "200 anonymous");
    EXPECT_EQ(get("closed", alice), "200 alice");
    EXPECT_EQ(repositories().loads(), 2);
    EXPECT_TRUE(get("open", "garbage").starts_with("401 "));
    EXPECT_EQ(repositories().loads(), 2) << "nothing is looked for on behalf of garbage";
    database().hold();
    forget();
    EXPECT_TRUE(get("open").starts_with("503 ")) << "nobody can tell what the tenant says to strangers";
    database().release();
    EXPECT_EQ(get("open"), "200 anonymous");
}

TEST_P(RepositoryGateTest, AdmitsAtOnceWhenAllIsInMemory) {
    const http::ReceivedHeaders headers;
    http::Request request;
    request.headers = &headers;
    request.peer.address = "192.0.2.7";
    request.deadline = SteadyTime::max();
    request.match = {&download_route, {{"tenant", "acme"}, {"repository", "open"}, {"name", "x"}}};
    EXPECT_FALSE(gate().admit_now(request)) << "the tenant's rules are still in the database";
    test::run_to_end(loop(), gate().admit(request));
    ASSERT_TRUE(request.repository);
    EXPECT_EQ(request.repository->id.text(), "open");
    request.repository.reset();
    EXPECT_TRUE(gate().admit_now(request));
    EXPECT_TRUE(request.repository);
    repositories().keep_in_memory(false);
    EXPECT_FALSE(gate().admit_now(request));
}

// Nobody learns by asking hypothetically what is there in another tenant.
TEST_P(RepositoryGateTest, ExplainsAsItDecides) {
    const std::string header = "Bearer " + world().add_key("other", {.user = "alice"});
    const http::ReceivedHeaders headers = test::make_headers({{"Authorization", header}});
    http::Request request;
    request.headers = &headers;
    request.deadline = SteadyTime::max();
    request.match = {&test::whoami_route, {}};
    test::run_to_end(loop(), gate().admit(request));
    const auto judge = [&](const std::string& tenant, const std::string& id) {
        Resource resource;
        resource.tenant = TenantId::trusted(tenant);
        resource.type = "package";
        resource.id = id;
        resource.is_public = true;
        auto decisions =
            test::run_to_end(loop(), explain(gate(), request, {{"package:read", resource, std::nullopt}}));
        return decisions.front().rule + ": " + decisions.front().reason;
    };
    EXPECT_EQ(judge("acme", "open/x"), "public: It is public.");
    for (const auto& [tenant, id] : {std::pair("acme", "closed/x"), std::pair("acme", "missing/x"),
                                     std::pair("acme", "x"), std::pair("nobody", "open/x")})
        EXPECT_EQ(judge(tenant, id), "tenant: It belongs to another tenant.") << tenant << " " << id;
}

}  // namespace
}  // namespace lodestone::identity
