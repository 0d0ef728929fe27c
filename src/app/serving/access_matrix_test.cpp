// Every route of the program × every role × what can be wrong with whoever asks, and where a route names a
// repository, × whether that is public, private or not there, on both engines. What is
// expected is derived from the route's access column and from tests/golden/permissions.txt, the accepted
// table of which role may do what; so a new route is in the matrix as soon as it is in a table, and one that
// needs a permission that is in neither fails here.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <map>
#include <set>
#include <sstream>

#include "app/serving/routes.hpp"
#include "http/server/app_named_later.hpp"
#include "identity/identity.hpp"
#include "identity/rules/permissions.hpp"
#include "identity/rules/roles.hpp"
#include "support/databases.hpp"
#include "support/files.hpp"
#include "support/gate_runner.hpp"
#include "support/identity_world.hpp"
#include "support/received_headers.hpp"

namespace lodestone::app {
namespace {

using http::Access;
using http::Method;

// What can be wrong with somebody, or with what they show; `change` makes it so, in `table`.
struct Fault {
    std::string_view what;
    int status = 0;  // 0: none that keeps anybody out
    std::string_view table = {};
    std::string_view change = {};
    bool is_session = false;
    bool is_public = false;
    bool has_wrong_scope = false;
};
constexpr Fault faults[] = {
    {.what = "with a key"},
    {.what = "with a session", .is_session = true},
    {.what = "with a public key", .is_public = true},
    {.what = "with a key of the wrong scope", .has_wrong_scope = true},
    {.what = "with a revoked key",
     .status = 401,
     .table = "keys",
     .change = "revoked_at = 1, revoked_by = 'x'"},
    {.what = "with an expired key", .status = 401, .table = "keys", .change = "expires_at = 1"},
    {.what = "with a revoked session",
     .status = 401,
     .table = "sessions",
     .change = "revoked_at = 1, revoked_reason = 'x'",
     .is_session = true},
    {.what = "with an expired session",
     .status = 401,
     .table = "sessions",
     .change = "access_expires_at = 1",
     .is_session = true},
    {.what = "with an ended session",
     .status = 401,
     .table = "sessions",
     .change = "expires_at = 1",
     .is_session = true},
    {.what = "suspended", .status = 403, .table = "users", .change = "status = 'suspended'"},
    {.what = "suspended, with a session",
     .status = 403,
     .table = "users",
     .change = "status = 'suspended'",
     .is_session = true},
    {.what = "deleted", .status = 401, .table = "users", .change = "deleted_at = 1, deleted_by = 'x'"},
    {.what = "deleted, with a session",
     .status = 401,
     .table = "users",
     .change = "deleted_at = 1, deleted_by = 'x'",
     .is_session = true},
    {.what = "of a suspended tenant", .status = 403, .table = "tenants", .change = "status = 'suspended'"},
    {.what = "of a deleted tenant",
     .status = 401,
     .table = "tenants",
     .change = "deleted_at = 1, deleted_by = 'x'"},
};

// One of each shape that an access column can have, so that the matrix holds them all whatever routes there
// are.
constexpr http::Route shapes[] = {
    {Method::get, "/open", Access::open, nullptr},
    {Method::get, "/operators", Access::operators, nullptr},
    {Method::get, "/whoami", Access::signed_in, nullptr},
    {Method::post, "/tenants", Access::needs("tenant:create", {.tenant = http::installation}), nullptr},
    {Method::get, "/tenants/{tenant}", Access::needs("tenant:read"), nullptr},
    {Method::post, "/tenants/{tenant}/suspend", Access::needs("tenant:suspend"), nullptr},
    {Method::post, "/tenants/{tenant}/transfer", Access::needs("tenant:transfer"), nullptr},
    {Method::get, "/platform-admins", Access::needs("platform_admin:list", {.tenant = http::installation}),
     nullptr},
    {Method::get, "/tenants/{tenant}/users", Access::needs("user:list"), nullptr},
    {Method::get, "/tenants/{tenant}/users/{user}",
     Access::needs("user:read", {.id = "user", .owner = "user"}), nullptr},
    {Method::put, "/tenants/{tenant}/users/{user}",
     Access::needs("user:update", {.id = "user", .owner = "user"}), nullptr},
    {Method::put, "/tenants/{tenant}/apps/{app}/branches/{branch}",
     Access::needs("branch:update", {.id = "branch", .app = "app"}), nullptr},
    {Method::put, "/packages/{tenant}/{repository}/{name...}",
     Access::needs("package:publish", {.id = "repository", .type = "repository"}), nullptr},
    {Method::post, "/me/keys", Access::needs("key:create", {.tenant = http::caller, .owner = http::caller}),
     nullptr},
    {Method::get, "/policies", Access::needs("policy:list", {.tenant = http::caller}), nullptr},
    {Method::get, "/tenants/{tenant}/audit", Access::needs("audit:list"), nullptr},
    {Method::get, "/audit", Access::needs("audit:list", {.tenant = http::installation}), nullptr},
};

// "user:read: owner admin …", as accepted.
std::map<std::string, std::set<std::string>, std::less<>> read_expected_roles() {
    std::map<std::string, std::set<std::string>, std::less<>> expected;
    std::istringstream lines(test::read_file(test::source_path("tests/golden/permissions.txt")));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string permission, role;
        words >> permission;
        auto& roles = expected[permission];
        while (words >> role) roles.insert(role);
    }
    return expected;
}

// Somebody who asks.
struct Caller {
    std::string what;
    std::string role;  // of the built-in ones; empty: none
    std::string tenant = "acme";
    std::string token = {};  // empty: shows nothing
    std::string user = {};
    std::string own_role = {};      // a role of the tenant's own that allows this alone …
    std::string own_role_app = {};  // … in this app; empty: in the tenant
    bool is_platform_admin = false;
    bool has_wrong_scope = false;
    bool has_other_resources = false;  // all that is allowed, on things that no route names
    bool has_public_key = false;       // good for nothing but reading what may be public
    bool must_add_second_factor = false;
    int fault = 0;  // the status that a credential gets which is good for nothing
};

enum class Where { own, other };

// What the repository is that a route names.
enum class Shelf { none, open, closed, missing };
constexpr std::string_view shelf_name(Shelf shelf) {
    constexpr std::string_view names[] = {"", "open", "closed", "missing"};
    return names[static_cast<std::size_t>(shelf)];
}

// In every tenant one repository that is public and one that is not, of whatever format is asked for.
class EverywhereTheSame final : public identity::RepositoryDirectory {
  public:
    void be_of(std::string_view format) { format_ = format; }

    std::optional<identity::FoundRepository> find_now(const TenantId&, std::string_view name) override {
        if (name == shelf_name(Shelf::missing)) return identity::FoundRepository();
        return std::make_shared<identity::RepositoryFacts>(
            identity::RepositoryFacts{.id = identity::RepositoryId::trusted(std::string(name)),
                                      .name = std::string(name),
                                      .format = format_,
                                      .is_public = name == shelf_name(Shelf::open)});
    }
    Task<identity::FoundRepository> find(TenantId tenant, std::string name, SteadyTime) override {
        co_return *find_now(tenant, name);
    }

  private:
    std::string format_;
};

constexpr http::Route repository_shapes[] = {
    {Method::get, "/generic/{tenant}/{repository}/{name}",
     Access::needs("package:download", {.id = "name", .repository = "repository", .format = "generic"}),
     nullptr},
    {Method::get, "/v2/{tenant}/{repository}/{name...}/tags/list",
     Access::needs("package:read", {.id = "name", .repository = "repository", .format = "oci"}), nullptr},
    {Method::put, "/v2/{tenant}/{repository}/{name...}/manifests/{reference}",
     Access::needs("package:publish", {.id = "name", .repository = "repository", .format = "oci"}), nullptr},
    {Method::del, "/v2/{tenant}/{repository}/{name...}/manifests/{reference}",
     Access::needs("package:delete", {.id = "name", .repository = "repository", .format = "oci"}), nullptr},
    {Method::get, "/tenants/{tenant}/repositories/{repository}/packages",
     Access::needs("package:list", {.repository = "repository"}), nullptr},
    {Method::get, "/tenants/{tenant}/repositories/{repository}",
     Access::needs("repository:read", {.repository = "repository"}), nullptr},
    {Method::put, "/tenants/{tenant}/repositories/{repository}",
     Access::needs("repository:update", {.repository = "repository"}), nullptr},
};

// What those may do who run the installation, and see of it.
bool is_of_platform_alone(const Access& access) {
    const std::string_view type = identity::type_of(access.permission);
    return type == "tenant" || type == "platform_admin" || type == "advisory" ||
           (access.permission == "audit:list" && access.target.tenant == http::installation);
}

class AccessMatrix : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        context().database = &database();
        identity_.emplace(context(),
                          identity::IdentityOptions{.vault = test::test_vault(),
                                                    .gate = {.operators = {.token = "operator-token"},
                                                             .repositories = &repositories_}});
        world_.emplace(context(), [this](const std::string& sql) { return run_sql(sql); });
        for (const char* tenant : {"acme", "other", "strict"}) world_->add_tenant(tenant);
        add_callers();
        world_->set("tenants", R"(settings = '{"require_mfa":true}')", "id = 'strict'");
    }

    void add_callers() {
        for (const Fault& fault : faults) {
            for (const identity::BuiltInRole& role : identity::built_in_roles())
                add({.what = std::string(role.name), .role = std::string(role.name)}, fault);
            add({.what = "a person without a role"}, fault);
            add({.what = "a platform administrator", .is_platform_admin = true}, fault);
        }
        callers_.push_back({.what = "nobody known"});
        callers_.push_back({.what = "garbage", .token = "garbage", .fault = 401});
        add_robots();
        add_second_factor_callers();
        add_own_roles();
    }
    // Roles of the tenant's own: in the whole tenant, inactive, and in an app that none of the routes names.
    void add_own_roles() {
        constexpr const char* permission = "branch:update";
        world_->add_role("acme", "own-role", R"(["branch:update"])");
        world_->add_role("acme", "idle-role", R"(["*"])");
        world_->set("roles", "status = 'inactive'", "id = 'idle-role'");
        world_->add_role("acme", "wide-role", R"(["*"])");
        Caller own{.what = "somebody with a role of the tenant's own", .own_role = permission};
        add_person(own);
        world_->give_role("acme", own.user, "own-role");
        own.token = world_->add_key("acme", {.user = own.user});
        callers_.push_back(own);
        Caller idle{.what = "somebody with an inactive role", .own_role = "none"};
        add_person(idle);
        world_->give_role("acme", idle.user, "idle-role");
        idle.token = world_->add_session("acme", idle.user);
        callers_.push_back(idle);
        Caller member{.what = "a member of one app who may do everything there",
                      .own_role = "all of it",
                      .own_role_app = "robots"};
        add_person(member);
        world_->add_member("acme", "robots", member.user, "wide-role");
        member.token = world_->add_session("acme", member.user);
        callers_.push_back(member);
        Caller elsewhere{.what = "an administrator with a key for another app's things",
                         .role = "admin",
                         .has_other_resources = true};
        add_person(elsewhere);
        elsewhere.token = world_->add_key(
            "acme", {.user = elsewhere.user,
                     .scopes = R"([{"actions":["*"],"resources":["branch:elsewhere"],"tags":[]}])"});
        callers_.push_back(elsewhere);
    }
    // What apps' keys and pipelines show: good for things in their app alone, which no route of these names.
    void add_robots() {
        world_->add_app("acme", "robots");
        callers_.push_back({.what = "an app's key", .token = world_->add_key("acme", {.app = "robots"})});
        callers_.push_back({.what = "a pipeline's key",
                            .token = world_->add_key("acme", {.app = "robots", .type = "publisher"})});
        world_->add_app("acme", "disabled");
        world_->set("apps", "status = 'disabled'", "id = 'disabled'");
        callers_.push_back({.what = "a disabled app's key",
                            .token = world_->add_key("acme", {.app = "disabled"}),
                            .fault = 403});
        callers_.push_back({.what = "a disabled app's pipeline",
                            .token = world_->add_key("acme", {.app = "disabled", .type = "publisher"}),
                            .fault = 403});
    }
    // Of a tenant that asks for a second factor.
    void add_second_factor_callers() {
        Caller bare{.what = "a session without the second factor that is asked for",
                    .role = "owner",
                    .tenant = "strict",
                    .must_add_second_factor = true};
        add_person(bare);
        bare.token = world_->add_session(bare.tenant, bare.user);
        callers_.push_back(bare);
        Caller proven{.what = "a session with the second factor", .role = "admin", .tenant = "strict"};
        add_person(proven);
        proven.token = world_->add_session(proven.tenant, proven.user, true);
        callers_.push_back(proven);
        add({.what = "somebody without a second factor", .role = "admin", .tenant = "strict"}, faults[0]);
    }
    void add_person(Caller& caller) {
        caller.user = "user-" + std::to_string(callers_.size());
        world_->add_user(caller.tenant, caller.user);
        if (!caller.role.empty()) world_->give_role(caller.tenant, caller.user, caller.role);
        if (caller.is_platform_admin) world_->make_platform_admin(caller.tenant, caller.user);
    }
    void add(Caller caller, const Fault& fault) {
        // A tenant has one owner, and some faults are the whole tenant's.
        const bool is_apart = caller.role == "owner" || fault.table == "tenants";
        if (is_apart && caller.tenant == "acme") {
            caller.tenant = "tenant-" + std::to_string(callers_.size());
            world_->add_tenant(caller.tenant);
        }
        add_person(caller);
        caller.what += " " + std::string(fault.what);
        caller.fault = fault.status;
        caller.has_wrong_scope = fault.has_wrong_scope;
        caller.has_public_key = fault.is_public;
        const char* const scopes =
            fault.has_wrong_scope ? R"([{"actions":["branch:restore"],"resources":[],"tags":[]}])" : "null";
        caller.token = fault.is_session
                           ? world_->add_session(caller.tenant, caller.user)
                           : world_->add_key(caller.tenant, {.user = caller.user,
                                                             .scopes = scopes,
                                                             .type = fault.is_public ? "public" : "secret"});
        if (!fault.table.empty()) {
            const std::string_view column =
                fault.table == "tenants" || fault.table == "users" ? "id" : "user_id";
            world_->set(std::string(fault.table), std::string(fault.change),
                        std::string(column) + " = '" +
                            (fault.table == "tenants" ? caller.tenant : caller.user) + "'");
        }
        callers_.push_back(std::move(caller));
    }

    // Of whoever shows something good, or nothing.
    int expected_of_shelf(const Access& access, const Caller& caller, Where where, Shelf shelf) const {
        if (shelf == Shelf::open && identity::is_public_reading(access.permission)) {
            const bool is_held_back = caller.must_add_second_factor && where == Where::own;
            return is_held_back ? 403 : 200;
        }
        if (caller.token.empty()) return 401;
        const int status = expected_of_permission(access, caller, where, false);
        return status == 200 && shelf == Shelf::missing ? 404 : status;
    }

    int expected(const http::Route& route, const Caller& caller, Where where, bool is_own,
                 Shelf shelf) const {
        const Access& access = route.access;
        if (access.kind == Access::Kind::open) return 200;
        if (caller.fault != 0 && access.kind != Access::Kind::operators) return caller.fault;
        if (shelf != Shelf::none) return expected_of_shelf(access, caller, where, shelf);
        if (access.kind == Access::Kind::operators || caller.token.empty()) return 401;
        if (access.kind == Access::Kind::signed_in) return 200;
        return expected_of_permission(access, caller, where, is_own);
    }

    int expected_of_permission(const Access& access, const Caller& caller, Where where, bool is_own) const {
        const std::string_view type = identity::type_of(access.permission);
        const bool is_of_platform = is_of_platform_alone(access);
        const bool names_tenant =
            access.target.tenant != http::caller && access.target.tenant != http::installation;
        static const std::set<std::string_view> platform_alone{
            "tenant:create", "tenant:list", "tenant:suspend", "tenant:restore", "tenant:limit"};
        static const std::set<std::string_view> of_owner{"tenant:update", "tenant:transfer"};
        const bool is_limited = caller.has_wrong_scope || caller.has_public_key;
        if (caller.is_platform_admin && is_of_platform && access.target.type.empty())
            return is_limited || of_owner.contains(access.permission) ? 403 : 200;
        if (names_tenant && where == Where::other) return 404;
        if (access.target.tenant == http::installation || type == "platform_admin" ||
            platform_alone.contains(access.permission))
            return 403;
        if (caller.has_other_resources) return 403;
        if (caller.has_wrong_scope && access.permission != "branch:restore") return 403;
        if (caller.has_public_key && !identity::is_public_reading(access.permission)) return 403;
        static const std::set<std::string_view> ways_out{"second_factor:change", "password:change",
                                                         "session:revoke"};
        if (caller.must_add_second_factor && !(is_own && ways_out.contains(access.permission))) return 403;
        if (is_own && identity::is_for_oneself(access.permission) && !caller.user.empty()) return 200;
        // Whether it is their app, the handler asks again.
        if (access.target.app == http::in_body && !caller.own_role_app.empty()) return 200;
        if (!caller.own_role.empty())
            return caller.own_role == access.permission && caller.own_role_app.empty() ? 200 : 403;
        const auto roles = roles_.find(access.permission);
        return roles != roles_.end() && roles->second.contains(caller.role) ? 200 : 403;
    }

    int ask(const http::Route& route, const Caller& caller, Where where, bool is_own, Shelf shelf) {
        const std::string header = "Bearer " + caller.token;
        const http::ReceivedHeaders headers =
            caller.token.empty() ? http::ReceivedHeaders() : test::make_headers({{"Authorization", header}});
        http::Request request;
        request.headers = &headers;
        request.deadline = SteadyTime::max();
        request.peer.address = "192.0.2.7";
        request.match.route = &route;
        for (std::string_view rest = route.pattern; rest.find('{') != rest.npos;) {
            rest.remove_prefix(rest.find('{') + 1);
            std::string_view name = rest.substr(0, rest.find('}'));
            name = name.substr(0, name.find_first_of("+."));
            std::string value = "x";
            if (name == route.access.target.owner && is_own) value = caller.user;
            if (name == route.access.target.repository) value = shelf_name(shelf);
            if (name == route.access.target.tenant) value = where == Where::own ? caller.tenant : "other";
            request.match.parameters.emplace_back(name, value);
        }
        const auto refusal = test::find_refusal(loop_, identity_->gate, request);
        return refusal ? refusal->status() : 200;
    }

    void check(const http::Route& route) {
        const Access& access = route.access;
        const std::string name =
            std::string(http::method_name(route.method)) + " " + std::string(route.pattern);
        if (access.kind == Access::Kind::permission) {
            ASSERT_TRUE(roles_.contains(access.permission))
                << name << " needs a permission that nobody has accepted";
            ASSERT_TRUE(access.target.type.empty() || identity::is_resource_type(access.target.type)) << name;
        }
        repositories_.be_of(access.target.format);
        const bool names_repository = !access.target.repository.empty();
        allowed_ = 0;
        for (const Shelf shelf : {Shelf::none, Shelf::open, Shelf::closed, Shelf::missing}) {
            if (names_repository == (shelf == Shelf::none)) continue;
            for (const Caller& caller : callers_)
                for (const Where where : {Where::own, Where::other})
                    for (const bool is_own : {false, true}) check(route, name, caller, where, is_own, shelf);
            check_operator(route, name, shelf);
        }
        EXPECT_GT(allowed_, 0u) << name << " is refused to everybody";
    }

    void check(const http::Route& route, const std::string& name, const Caller& caller, Where where,
               bool is_own, Shelf shelf) {
        const std::string_view owner = route.access.target.owner;
        if (is_own ? owner.empty() : owner == http::caller) return;
        const int answer = ask(route, caller, where, is_own, shelf);
        if (answer == 200) ++allowed_;
        EXPECT_EQ(answer, expected(route, caller, where, is_own, shelf))
            << name << " by " << caller.what << (where == Where::own ? "" : ", of another tenant")
            << (is_own ? ", of what is their own " : " ") << shelf_name(shelf);
        ++asked_;
    }

    void check_operator(const http::Route& route, const std::string& name, Shelf shelf) {
        const Access& access = route.access;
        const Caller operators{.what = "the operator", .token = "operator-token"};
        const int answer = ask(route, operators, Where::other, false, shelf);
        const bool may = access.kind != Access::Kind::permission ||
                         (is_of_platform_alone(access) && access.target.type.empty()) ||
                         (shelf == Shelf::open && identity::is_public_reading(access.permission));
        if (answer == 200) ++allowed_;
        EXPECT_EQ(answer == 200, may) << name << " by the operator: " << answer << " " << shelf_name(shelf);
    }

    std::size_t asked() const { return asked_; }

  private:
    boost::asio::io_context loop_{1};
    std::map<std::string, std::set<std::string>, std::less<>> roles_ = read_expected_roles();
    EverywhereTheSame repositories_;
    std::optional<identity::Identity> identity_;
    std::optional<test::IdentityWorld> world_;
    std::vector<Caller> callers_;
    std::size_t asked_ = 0;
    std::size_t allowed_ = 0;  // of the route that is asked about
};
INSTANTIATE_ON_EVERY_DATABASE(AccessMatrix);

TEST_P(AccessMatrix, HoldsForEveryRoute) {
    std::size_t routes = 0;
    for (const auto table : program_routes())
        for (const http::Route& route : table) {
            check(route);
            ++routes;
        }
    EXPECT_GE(asked(), routes * 150) << "each is asked by everybody";
}

// What is advertised, somebody asks for.
TEST(Permissions, AreEachAskedForBySomeRoute) {
    // By handlers, of what the body says.
    std::set<std::string_view> asked{"membership:update", "decision:explain"};
    for (const auto table : program_routes())
        for (const http::Route& route : table)
            if (route.access.kind == Access::Kind::permission) asked.insert(route.access.permission);
    std::set<std::string_view> advertised;
    for (const identity::Permission& one : identity::permissions_in_use()) {
        EXPECT_TRUE(asked.contains(one.name)) << one.name;
        advertised.insert(one.name);
    }
    for (const std::string_view one : asked) EXPECT_TRUE(advertised.contains(one)) << one;
}

TEST_P(AccessMatrix, HoldsForEveryShapeOfAccess) {
    for (const http::Route& route : shapes) check(route);
    for (const http::Route& route : repository_shapes) check(route);
}

}  // namespace
}  // namespace lodestone::app
