// Every route that changes something either gives nothing to anybody, or is tried here with a key of the
// owner's that is good for that route alone: it must not give away what the key does not have. A new route is
// in neither list, and fails until somebody has thought about it.
#include <map>
#include <set>

#include "http/server/access.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "support/api_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

// With these nobody gets more than they had: things are made that allow nothing, or something is taken away.
const std::set<std::string_view> giving_nothing{
    "tenant:create",     "tenant:update",      "tenant:suspend",
    "tenant:limit",      "tenant:delete",      "tenant:restore",
    "app:create",        "app:update",         "app:suspend",
    "app:delete",        "app:restore",        "branch:create",
    "branch:update",     "branch:delete",      "branch:restore",
    "user:create",       "user:suspend",       "user:delete",
    "user:restore",      "role:delete",        "policy:delete",
    "key:revoke",        "session:revoke",     "invitation:revoke",
    "provider:delete",   "publisher:delete",   "platform_admin:delete",
    "repository:delete", "repository:restore", "package:update",
    "package:delete",    "package:restore",    "advisory:import",
};
// These ask for the password, whatever else was shown.
const std::set<std::string_view> asking_for_the_password{"password:change", "second_factor:change"};

// What is tried: "METHOD pattern" to path and body.
struct Attempt {
    std::string path;
    std::string body;
};

class GivingRoutes : public test::ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        act_as(make_tenant("acme"));
        for (const char* user : {"ann", "bob"})
            make("users", R"({"id":")" + std::string(user) + R"(","username":")" + user + "\"}");
        make("apps", R"({"id":"shop","name":"Shop"})");
        EXPECT_EQ(ask("PUT " + acme + "users/ann/roles/admin").status, 200);
        EXPECT_EQ(ask("PUT " + acme + "apps/shop/members/ann", R"({"role":"admin"})").status, 200);
        make("providers", R"({"id":"idp","name":"Ours","issuer":"https://idp.example","client_id":"us"})");
        write([](db::Tx& tx) {
            identity::grant_platform_admin(tx, TenantId::trusted("acme"), identity::UserId::trusted("owner"));
        });
        fill();
    }
    std::string make(const std::string& list, const std::string& body) {
        const Reply made = ask("POST " + acme + list, body);
        EXPECT_EQ(made.status, 201) << made.body;
        return made.at("/id");
    }
    void fill() {
        const std::string link = make("users/ann/identities", R"({"provider":"x","provider_id":"ann"})");
        add("POST", "users/{user}/reset-links", "users/ann/reset-links", "{}");
        add("DELETE", "users/{user}/second-factor", "users/ann/second-factor");
        add("PATCH", "users/{user}", "users/ann", R"({"email":"me@evil.example"})");
        add("POST", "users/{user}/identities", "users/ann/identities",
            R"({"provider":"x","provider_id":"me"})");
        add("PATCH", "users/{user}/identities/{identity}", "users/ann/identities/" + link,
            R"({"is_verified":true})");
        add("DELETE", "users/{user}/identities/{identity}", "users/ann/identities/" + link);
        add("PUT", "users/{user}/roles/{role}", "users/bob/roles/admin");
        add("DELETE", "users/{user}/roles/{role}", "");
        add("PUT", "apps/{app}/members/{user}", "apps/shop/members/bob", R"({"role":"admin"})");
        add("DELETE", "apps/{app}/members/{user}", "apps/shop/members/ann");
        add("POST", "invitations", "invitations", R"({"role":"admin"})");
        add("PUT", "owner", "owner", R"({"user_id":"ann"})");
        fill_rules();
        fill_keys();
        fill_trust();
        fill_repositories();
        attempts_["PUT /api/v1/platform-admins/{home}/{user}"] = {"/api/v1/platform-admins/acme/ann", ""};
        attempts_["PATCH /api/v1/me/profile"] = {"/api/v1/me/profile", R"({"email":"me@evil.example"})"};
    }
    void fill_rules() {
        const std::string wide = R"("permissions":["*"]})";
        const std::string rule = R"("effect":"allow","subjects":["*"],"actions":["*"],"resources":["*"]})";
        for (const auto& [list, name, body] :
             {std::tuple("roles", "role", wide), {"policies", "policy", rule}}) {
            const std::string at = std::string(list) + "/";
            const std::string one = at + "{" + name + "}";
            const std::string id = make(list, R"({"name":"one",)" + body);
            const std::string gone = make(list, R"({"name":"two",)" + body);
            EXPECT_EQ(ask("DELETE " + acme + at + gone).status, 204);
            add("POST", list, list, R"({"name":"three",)" + body);
            add("PATCH", one, at + id, "{" + body);
            add("POST", one + "/restore", at + gone + "/restore");
        }
    }
    void fill_keys() {
        const std::string wide = R"({"name":"k","scopes":[{"actions":["*"]}]})";
        for (const std::string owner : {"users/{user}", "apps/{app}"}) {
            const std::string at = owner == "apps/{app}" ? "apps/shop/keys" : "users/owner/keys";
            const std::string id = make(at, wide);
            add("POST", owner + "/keys", at, wide);
            add("PATCH", owner + "/keys/{key}", at + "/" + id, R"({"name":"mine"})");
            add("POST", owner + "/keys/{key}/rotate", at + "/" + id + "/rotate", "{}");
        }
    }
    // Showing everybody what a repository holds gives something, too.
    void fill_repositories() {
        make("repositories", R"({"app_id":"shop","name":"one","format":"generic"})");
        add("POST", "repositories", "repositories",
            R"({"app_id":"shop","name":"two","format":"generic","visibility":"public"})");
        add("PATCH", "repositories/{repository}", "repositories/one", R"({"visibility":"public"})");
    }
    void fill_trust() {
        add("POST", "providers", "providers",
            R"({"name":"Mine","issuer":"https://me.example","client_id":"me"})");
        add("PATCH", "providers/{provider}", "providers/idp", R"({"client_id":"me"})");
        add("POST", "publishers", "publishers",
            R"({"app_id":"shop","name":"release","forge":"github","issuer":"https://forge.example",)"
            R"("repository":"acme/shop","repository_id":"1","owner_id":"2","workflow":"release.yml",)"
            R"("scopes":[{"actions":["package:publish"]}]})");
    }
    // An empty path: nothing is given, only taken.
    void add(const std::string& method, const std::string& pattern, const std::string& path,
             const std::string& body = {}) {
        attempts_[method + " /api/v1/tenants/{tenant}/" + pattern] = {path.empty() ? path : acme + path,
                                                                      body};
    }

    const std::string acme = "/api/v1/tenants/acme/";
    std::map<std::string, Attempt> attempts_;
};
INSTANTIATE_ON_EVERY_DATABASE(GivingRoutes);

TEST_P(GivingRoutes, NoneGivesMoreThanTheKeyHas) {
    std::size_t tried = 0;
    for (const http::Route& route : api_routes()) {
        if (route.method == http::Method::get || route.access.kind != http::Access::Kind::permission)
            continue;
        const std::string_view permission = route.access.permission;
        if (giving_nothing.contains(permission) || asking_for_the_password.contains(permission)) continue;
        const std::string method(http::method_name(route.method));
        const std::string name = method + " " + std::string(route.pattern);
        const auto attempt = attempts_.find(name);
        ASSERT_NE(attempt, attempts_.end()) << name << " could give somebody something: try it here";
        ++tried;
        if (attempt->second.path.empty()) continue;
        act_as(make_key(
            "acme", "owner",
            identity::Scopes({{.actions = {std::string(permission)}, .resources = {}, .tags = {}}})));
        const Reply reply = ask(method + " " + attempt->second.path, attempt->second.body, if_match("*"));
        EXPECT_EQ(reply.status, 403) << name << reply.body;
    }
    EXPECT_EQ(tried, attempts_.size()) << "each of them is a route";
}

}  // namespace
}  // namespace lodestone::api
