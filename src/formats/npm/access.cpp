// `npm access` and `npm owner`: who may do what with a package, as the gate would decide for each. Rights are
// given by roles and policies (docs/user/identity.md): what clients would change of them is refused with a
// sentence that says how it is done.
#include <map>
#include <set>

#include "base/json_text.hpp"
#include "base/npm_limits.hpp"
#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/place.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/membership.hpp"
#include "identity/nouns/tenant_owner.hpp"
#include "identity/nouns/user.hpp"
#include "identity/nouns/user_role.hpp"
#include "packages/package.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;

namespace {

using Person = std::shared_ptr<const identity::Principal>;
using Repository = std::shared_ptr<const packages::RepositoryEntry>;

Response answer_uncached(std::string body) {
    Response response = Response::json(200, std::move(body));
    response.headers.set("Cache-Control", "private, no-store");
    return response;
}

Task<> need_package(Context& context, const Request& request, const Place& place) {
    auto look = [&](Tx& tx) { packages::need_package(tx, place.in_repository(), place.name); };
    co_await context.database->read(identity::make_unit(request), look);
}

struct Asked {
    TenantId tenant;
    Repository repository;

    explicit Asked(const Request& request)
        : tenant(TenantId::trusted(request.parameter("tenant"))),
          repository(packages::repository_of(request)) {}
};

Task<bool> may(Context& context, const Request& request, Person person, std::string_view permission,
               const std::string& package) {
    const Asked asked(request);
    identity::Resource resource;
    resource.tenant = asked.tenant;
    resource.type = "package";
    resource.id = package;
    identity::place_in_repository(resource, asked.repository.get(), asked.repository->name);
    const identity::Decision decision =
        co_await context.identity->gate.judge(std::move(person), permission, resource, request);
    co_return decision.is_allowed;
}

// "write", "read", or nothing.
Task<std::string_view> find_access(Context& context, const Request& request, Person person,
                                   const std::string& package) {
    if (co_await may(context, request, person, "package:publish", package)) co_return "write";
    if (co_await may(context, request, person, "package:read", package)) co_return "read";
    co_return std::string_view();
}

// Who else has rights is told to who may list the members of the repository's app.
Task<bool> may_see_others(Context& context, const Request& request) {
    const Asked asked(request);
    identity::Resource resource;
    resource.tenant = asked.tenant;
    resource.type = "membership";
    resource.app = asked.repository->app;
    const identity::Decision decision =
        co_await context.identity->gate.judge(request.principal, "membership:list", resource, request);
    co_return decision.is_allowed;
}

// Who has a role in the tenant or in the repository's app: nobody else has rights, but for policies that
// name somebody.
std::vector<identity::User> list_candidates(Tx& tx, const Asked& asked) {
    std::set<identity::UserId> ids;
    if (const auto owner = identity::find_tenant_owner(tx, asked.tenant)) ids.insert(owner->user_id);
    for (identity::UserId& id : identity::list_role_holders(tx, asked.tenant, limits::npm_collaborators))
        ids.insert(std::move(id));
    if (!asked.repository->app.is_empty()) {
        const db::ListRequest members{
            .filters = {{"status", "active"}}, .sort = {}, .limit = limits::npm_collaborators, .cursor = {}};
        for (identity::Membership& one :
             identity::list_members(tx, asked.tenant, asked.repository->app, members).items)
            ids.insert(std::move(one.user_id));
    }
    std::vector<identity::User> users;
    for (const identity::UserId& id : ids) {
        if (std::ssize(users) >= limits::npm_collaborators) break;
        if (auto user = identity::find_user(tx, asked.tenant, id)) users.push_back(*std::move(user));
    }
    return users;
}

std::string render_access(const std::map<std::string, std::string_view>& access) {
    std::string body = "{";
    for (const auto& [name, right] : access) {
        if (body.size() > 1) body += ',';
        append_json_string(body, name);
        body += ':';
        append_json_string(body, right);
    }
    return body + "}\n";
}

// Of what whoever asks may see: what `person` may do with each package whose name begins so.
Task<std::map<std::string, std::string_view>> find_access_by_package(Context& context, const Request& request,
                                                                     Person person,
                                                                     const std::string& prefix) {
    const Asked asked(request);
    db::ListRequest page{.filters = {}, .sort = "name", .limit = limits::npm_found_most, .cursor = {}};
    if (!prefix.empty()) page.filters.emplace_back("name", prefix);
    std::map<std::string, std::string_view> access;
    std::int64_t judged = 0;
    do {
        auto list = [&](Tx& tx) {
            return packages::list_packages(tx, {asked.tenant, asked.repository->id}, page);
        };
        auto found = co_await context.database->read(identity::make_unit(request), list);
        judged += std::ssize(found.items);
        for (const packages::Package& one : found.items) {
            if (!co_await may(context, request, request.principal, "package:read", one.name)) continue;
            const std::string_view right = co_await find_access(context, request, person, one.name);
            if (!right.empty()) access.emplace(one.name, right);
        }
        page.cursor = std::move(found.next);
    } while (!page.cursor.empty() && judged < limits::judged_results);
    co_return access;
}

}  // namespace

// As its repository is. Whoever publishes with a provenance asks beforehand.
Task<Response> show_visibility(Context& context, Request& request) {
    const Place place = place_of(request);
    co_await need_package(context, request, place);
    const bool is_public = place.repository->is_public && place.repository->is_app_active;
    co_return answer_uncached(is_public ? "{\"public\":true}\n" : "{\"public\":false}\n");
}

Task<Response> list_collaborators(Context& context, Request& request) {
    const Place place = place_of(request);
    co_await need_package(context, request, place);
    std::map<std::string, std::string_view> access;
    if (!request.principal->is_anonymous()) {
        const auto own = co_await find_access(context, request, request.principal, place.name);
        if (!own.empty()) access.emplace(request.principal->name, own);
    }
    if (!co_await may_see_others(context, request)) co_return answer_uncached(render_access(access));
    const Asked asked(request);
    auto list = [&](Tx& tx) { return list_candidates(tx, asked); };
    for (const identity::User& user : co_await context.database->read(identity::make_unit(request), list)) {
        const Person person = co_await context.identity->gate.impersonate(asked.tenant, user.id, request);
        if (!person) continue;
        const auto right = co_await find_access(context, request, person, place.name);
        if (!right.empty()) access.emplace(user.username, right);
    }
    co_return answer_uncached(render_access(access));
}

Task<Response> list_packages_of_user(Context& context, Request& request) {
    const Asked asked(request);
    const std::string& name = request.parameter("user");
    Person person = request.principal;
    if (person->is_anonymous() || person->name != name) {
        if (!co_await may_see_others(context, request))
            throw Problem(problems::forbidden,
                          "What others may do is told to who may list the members of the repository's app.");
        auto find = [&](Tx& tx) { return identity::find_user_by_username(tx, asked.tenant, name); };
        const auto user = co_await context.database->read(identity::make_unit(request), find);
        person = nullptr;
        if (user) person = co_await context.identity->gate.impersonate(asked.tenant, user->id, request);
        if (!person) throw Problem(problems::not_found, "There is no user " + name + ".");
    }
    co_return answer_uncached(
        render_access(co_await find_access_by_package(context, request, std::move(person), {})));
}

// What clients call an organisation is a scope here. Where it has no packages, they ask about a user of that
// name.
Task<Response> list_packages_of_scope(Context& context, Request& request) {
    const std::string& scope = request.parameter("scope");
    const auto access =
        co_await find_access_by_package(context, request, request.principal, "@" + scope + "/");
    if (access.empty())
        throw Problem(problems::not_found, "There are no packages in the scope @" + scope + " here.");
    co_return answer_uncached(render_access(access));
}

Task<Response> refuse_access(Context& /*context*/, Request& /*request*/) {
    throw Problem(
        problems::forbidden,
        "Who may read and publish packages is said by the repository's visibility and by roles here: "
        "change those.");
    co_return Response::empty();
}

// The first question of `npm owner add` and `rm`.
Task<Response> refuse_owner(Context& /*context*/, Request& request) {
    const std::string& user = request.parameter("user");
    const std::size_t colon = user.find(':');
    throw Problem(problems::forbidden,
                  "Packages have no owners of their own here; who may publish is said by roles. Give " +
                      user.substr(colon == user.npos ? 0 : colon + 1) +
                      " a role in the repository's app, such as developer.");
    co_return Response::empty();
}

}  // namespace lodestone::formats::npm
