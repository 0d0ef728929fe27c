// `npm trust`: the trusted publishers (docs/user/trusted-publishing.md) that may publish a package. One that
// is good for more than that package is listed here, and taken away where it was made.
#include <algorithm>

#include "base/json_text.hpp"
#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/place.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/trusted_publisher.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;
using identity::TrustedPublisher;

namespace {

identity::Resource resource_of(const Place& place) {
    identity::Resource resource;
    resource.tenant = place.tenant;
    resource.type = "package";
    resource.id = place.name;
    identity::place_in_repository(resource, place.repository.get(), place.repository->name);
    return resource;
}

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

// What clients send names a repository by its name alone, which somebody else may have by tomorrow, and no
// issuer.
Task<Response> add_trust(Context& /*context*/, Request& request) {
    throw Problem(
        problems::forbidden,
        "To trust a pipeline this registry needs the ids of its repository and owner and the address "
        "of its forge, too, which npm does not send: POST /api/v1/tenants/" +
            request.parameter("tenant") + "/publishers takes them.");
    co_return Response::empty();
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
