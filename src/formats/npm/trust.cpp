// `npm trust`: the trusted publishers (docs/user/trusted-publishing.md) that may publish a package. One that
// is good for more than that package is listed here, and taken away where it was made.
#include <algorithm>

#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "base/npm_limits.hpp"
#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/place.hpp"
#include "identity/giving.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/trusted_publisher.hpp"
#include "identity/rules/roles.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;
using identity::TrustedPublisher;

namespace {

Task<> authorise(Context& context, const Request& request, const Place& place, std::string_view permission) {
    identity::Resource publishers;
    publishers.tenant = place.tenant;
    publishers.type = "publisher";
    if (permission == "publisher:delete") publishers.id = request.parameter("publisher");
    co_await context.identity->gate.authorise(request, permission, publishers);
}

bool may_publish(const TrustedPublisher& publisher, const Place& place) {
    return identity::is_in_scopes("package:publish", resource_of(place), publisher.find_scopes());
}

// Whether nothing but this package is lost with it.
bool is_for_this_alone(const TrustedPublisher& publisher, const Place& place) {
    const std::string package = resource_of(place).text();
    const std::vector<identity::Scope> scopes = publisher.find_scopes();
    return std::ranges::all_of(scopes, [&](const identity::Scope& scope) {
        return !scope.resources.empty() &&
               std::ranges::all_of(scope.resources, [&](const std::string& one) { return one == package; });
    });
}

// Those of the repository's app: others may do nothing in it.
std::vector<TrustedPublisher> list_trusted(Tx& tx, const Place& place) {
    std::vector<TrustedPublisher> trusted;
    if (place.repository->app.is_empty()) return trusted;
    db::ListRequest page{.filters = {{"app_id", place.repository->app.text()}},
                         .sort = "created_at",
                         .limit = limits::page_rows_most,
                         .cursor = {}};
    std::int64_t judged = 0;
    do {
        auto found = identity::list_publishers(tx, place.tenant, page);
        judged += std::ssize(found.items);
        for (TrustedPublisher& one : found.items)
            if (may_publish(one, place)) trusted.push_back(std::move(one));
        page.cursor = std::move(found.next);
    } while (!page.cursor.empty() && judged < limits::judged_results);
    return trusted;
}

// What a client asks to be trusted.
struct TrustWish {
    identity::Forge forge = identity::Forge::github;
    std::string repository;
    std::string file;
    std::optional<std::string> environment;
};

[[noreturn]] void refuse_wish(std::string_view why) {
    throw Problem(problems::invalid_input, "What describes the pipeline " + std::string(why));
}

[[noreturn]] void refuse_unknown(const Place& place) {
    throw Problem(
        problems::forbidden,
        "No pipeline of that repository is trusted here yet, so its ids and its forge are not known: "
        "make the first one by POST /api/v1/tenants/" +
            place.tenant.text() + "/publishers.");
}

std::string need_text(const boost::json::object& object, std::string_view name) {
    const boost::json::value* found = object.if_contains(name);
    if (found == nullptr || !found->is_string() || found->get_string().empty())
        refuse_wish("has no text called " + std::string(name) + ".");
    return std::string(found->get_string());
}

const boost::json::object& need_object(const boost::json::object& object, std::string_view name) {
    const boost::json::value* found = object.if_contains(name);
    if (found == nullptr || !found->is_object())
        refuse_wish("has no object called " + std::string(name) + ".");
    return found->get_object();
}

// What is to be staged first is not asked for yet by anybody's scopes.
void check_permissions(const boost::json::object& object) {
    const boost::json::value* found = object.if_contains("permissions");
    if (found == nullptr) return;
    const bool is_publishing =
        found->is_array() && std::ranges::any_of(found->get_array(), [](const auto& one) {
            return one.is_string() && one.get_string() == "createPackage";
        });
    if (!is_publishing) refuse_wish("asks for no right to publish: --allow-publish does.");
}

TrustWish read_wish(const std::string& body) {
    const StrictValue read = parse_strict_value(body, limits::npm_trust_depth);
    if (!read.value || !read.value->is_array() || read.value->get_array().size() != 1 ||
        !read.value->get_array().front().is_object())
        refuse_wish("is no list of one object.");
    const boost::json::object& object = read.value->get_array().front().get_object();
    const std::string type = need_text(object, "type");
    if (type != "github" && type != "gitlab") refuse_wish("is of a forge that is not known here.");
    check_permissions(object);
    const boost::json::object& claims = need_object(object, "claims");
    const bool is_github = type == "github";
    TrustWish wish;
    wish.forge = is_github ? identity::Forge::github : identity::Forge::gitlab;
    wish.repository = need_text(claims, is_github ? "repository" : "project_path");
    wish.file = need_text(need_object(claims, is_github ? "workflow_ref" : "ci_config_ref_uri"), "file");
    if (claims.contains("environment")) wish.environment = need_text(claims, "environment");
    return wish;
}

// By the key of two, none would be given one.
void refuse_second(const TrustedPublisher& known, const TrustWish& wish) {
    if (known.workflow.substr(known.workflow.rfind('/') + 1) != wish.file ||
        known.environment != wish.environment)
        return;
    throw Problem(problems::conflict, "The pipeline " + wish.file + " of " + wish.repository +
                                          " is trusted already, by the publisher " + known.name +
                                          ": give that one the right to this package, too, by the API.");
}

// A publisher of the same repository, which says who that is; all of them have to say the same. Of the same
// app: who makes them in another one may be trusted with nothing here.
TrustedPublisher find_known(Tx& tx, const Place& place, const TrustWish& wish) {
    std::optional<TrustedPublisher> known;
    db::ListRequest page{.filters = {{"app_id", place.repository->app.text()}},
                         .sort = "created_at",
                         .limit = limits::page_rows_most,
                         .cursor = {}};
    std::int64_t looked_at = 0;
    do {
        auto found = identity::list_publishers(tx, place.tenant, page);
        looked_at += std::ssize(found.items);
        for (TrustedPublisher& one : found.items) {
            if (one.forge != wish.forge || one.repository != wish.repository) continue;
            if (known && (known->issuer != one.issuer || known->repository_id != one.repository_id ||
                          known->owner_id != one.owner_id))
                refuse_unknown(place);
            refuse_second(one, wish);
            known = std::move(one);
        }
        page.cursor = std::move(found.next);
    } while (!page.cursor.empty() && looked_at < limits::judged_results);
    if (!known) refuse_unknown(place);
    return *std::move(known);
}

TrustedPublisher make_publisher(const TrustWish& wish, const Place& place, const TrustedPublisher& known) {
    TrustedPublisher publisher;
    publisher.app_id = place.repository->app;
    publisher.name = place.name + " from " + wish.repository + ' ' + wish.file;
    if (wish.environment) publisher.name += ' ' + *wish.environment;
    publisher.name.resize(std::min(publisher.name.size(), limits::name_bytes));
    publisher.forge = wish.forge;
    publisher.issuer = known.issuer;
    publisher.repository = wish.repository;
    publisher.repository_id = known.repository_id;
    publisher.owner_id = known.owner_id;
    publisher.workflow = wish.forge == identity::Forge::github ? ".github/workflows/" + wish.file : wish.file;
    publisher.environment = wish.environment;
    publisher.scopes = identity::render_scopes(identity::Scopes(
        {{.actions = {"package:publish"}, .resources = {resource_of(place).text()}, .tags = {}}}));
    return publisher;
}

// As the forge's tokens call what they say.
void append_trusted(std::string& out, const TrustedPublisher& publisher) {
    const bool is_github = publisher.forge == identity::Forge::github;
    out += "{\"id\":";
    append_json_string(out, publisher.id.text());
    out += is_github ? R"(,"type":"github","claims":{"repository":)"
                     : R"(,"type":"gitlab","claims":{"project_path":)";
    append_json_string(out, publisher.repository);
    out += is_github ? R"(,"workflow_ref":{"file":)" : R"(,"ci_config_ref_uri":{"file":)";
    append_json_string(out, publisher.workflow.substr(publisher.workflow.rfind('/') + 1));
    out += '}';
    if (publisher.environment) {
        out += ",\"environment\":";
        append_json_string(out, *publisher.environment);
    }
    out += R"(},"permissions":["createPackage"]})";
}

}  // namespace

Task<Response> list_trust(Context& context, Request& request) {
    const Place place = place_of(request);
    co_await authorise(context, request, place, "publisher:list");
    auto list = [&](Tx& tx) {
        packages::need_package(tx, place.in_repository(), place.name);
        return list_trusted(tx, place);
    };
    std::string body = "[";
    for (const TrustedPublisher& one : co_await context.database->read(identity::make_unit(request), list)) {
        if (body.size() > 1) body += ',';
        append_trusted(body, one);
    }
    Response response = Response::json(200, body + "]\n");
    response.headers.set("Cache-Control", "private, no-store");
    co_return response;
}

// Clients name a repository by its name alone, which somebody else may have by tomorrow: who it is has been
// said before, when the first pipeline of it was trusted.
Task<Response> add_trust(Context& context, Request& request) {
    const Place place = place_of(request);
    co_await authorise(context, request, place, "publisher:create");
    co_await authorise(context, request, place, "publisher:list");
    const TrustWish wish = read_wish(co_await http::read_all(*request.body, limits::npm_small_bytes));
    auto add = [&](Tx& tx) {
        packages::need_package(tx, place.in_repository(), place.name);
        TrustedPublisher publisher = make_publisher(wish, place, find_known(tx, place, wish));
        publisher.id = context.identity->vault.mint.make_id<identity::PublisherId>();
        // As the API asks who makes one there. Its keys are good from everywhere.
        identity::check_may_give_key(*request.principal,
                                     {.scopes = publisher.find_scopes(), .networks = {}, .expires_at = {}});
        identity::check_may_give_role(tx, *request.principal, place.tenant, publisher.app_id,
                                      identity::RoleId::trusted(std::string(identity::robot_role)));
        return identity::insert_publisher(tx, place.tenant, std::move(publisher));
    };
    const auto made = co_await context.database->write(identity::make_unit(request), add);
    std::string body = "[";
    append_trusted(body, made);
    Response response = Response::json(201, body + "]\n");
    response.headers.set("Cache-Control", "private, no-store");
    co_return response;
}

Task<Response> revoke_trust(Context& context, Request& request) {
    const Place place = place_of(request);
    co_await authorise(context, request, place, "publisher:delete");
    const auto id = parse_id<identity::PublisherId>(request.parameter("publisher"));
    auto remove = [&](Tx& tx) {
        packages::need_package(tx, place.in_repository(), place.name);
        const auto publisher = id ? identity::find_publisher(tx, place.tenant, *id) : std::nullopt;
        if (!publisher || !may_publish(*publisher, place) || publisher->app_id != place.repository->app)
            throw Problem(problems::not_found, "No pipeline of that id is trusted to publish this package.");
        if (!is_for_this_alone(*publisher, place))
            throw Problem(problems::conflict,
                          "This pipeline may publish other packages, too: take it away by DELETE /api/v1/"
                          "tenants/" +
                              place.tenant.text() + "/publishers/" + publisher->id.text() + ".");
        identity::delete_publisher(tx, place.tenant, publisher->id);
    };
    co_await context.database->write(identity::make_unit(request), remove);
    co_return Response::empty();
}

}  // namespace lodestone::formats::npm
