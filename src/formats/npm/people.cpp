// Who asks, and who may do what with a package, as far as clients want to know. Rights are given by roles
// (docs/user/identity.md): what clients would change of them is refused with that sentence.
#include "base/json_text.hpp"
#include "base/problem.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/place.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/user.hpp"
#include "packages/package.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;

namespace {

Response answer_uncached(std::string body) {
    Response response = Response::json(200, std::move(body));
    response.headers.set("Cache-Control", "private, no-store");
    return response;
}

Task<> need_package(Context& context, const Request& request, const Place& place) {
    auto look = [&](Tx& tx) { packages::need_package(tx, place.in_repository(), place.name); };
    co_await context.database->read(identity::make_unit(request), look);
}

Task<bool> may(Context& context, const Request& request, const Place& place, std::string_view permission) {
    identity::Resource resource;
    resource.tenant = place.tenant;
    resource.type = "package";
    resource.id = place.name;
    identity::place_in_repository(resource, place.repository.get(), place.repository->name);
    const identity::Decision decision =
        co_await context.identity->gate.judge(request.principal, permission, resource, request);
    co_return decision.is_allowed;
}

}  // namespace

Task<Response> ping(Context& /*context*/, Request& /*request*/) {
    co_return answer_uncached("{}\n");
}

Task<Response> show_name(Context& context, Request& request) {
    std::string body = "{\"username\":";
    append_json_string(body, request.principal->name);
    Response response = answer_uncached(body + "}\n");
    add_notice(context, request, response);
    co_return response;
}

Task<Response> show_profile(Context& context, Request& request) {
    const identity::Principal& who = *request.principal;
    std::optional<identity::User> user;
    if (who.kind == identity::PrincipalKind::person) {
        auto find = [&](Tx& tx) { return identity::find_user(tx, who.tenant, who.user); };
        user = co_await context.database->read(identity::make_unit(request), find);
    }
    std::string body = "{\"tfa\":";
    body += who.has_second_factor ? R"({"mode":"auth-only","pending":false})" : "null";
    body += ",\"name\":";
    append_json_string(body, user ? user->username : who.name);
    body += ",\"email\":";
    append_json_string(body, user && user->email ? *user->email : std::string());
    body += ",\"email_verified\":false,\"fullname\":";
    append_json_string(body, user ? user->full_name : std::string());
    co_return answer_uncached(body + "}\n");
}

// As its repository is. Whoever publishes with a provenance asks beforehand.
Task<Response> show_visibility(Context& context, Request& request) {
    const Place place = place_of(request);
    co_await need_package(context, request, place);
    const bool is_public = place.repository->is_public && place.repository->is_app_active;
    co_return answer_uncached(is_public ? "{\"public\":true}\n" : "{\"public\":false}\n");
}

// Whoever asks, as they are allowed: who else is, administrators see.
Task<Response> list_collaborators(Context& context, Request& request) {
    const Place place = place_of(request);
    co_await need_package(context, request, place);
    const bool may_write = co_await may(context, request, place, "package:publish");
    std::string body = "{";
    if (!request.principal->is_anonymous()) {
        append_json_string(body, request.principal->name);
        body += may_write ? ":\"write\"" : ":\"read\"";
    }
    co_return answer_uncached(body + "}\n");
}

Task<Response> refuse_access(Context& /*context*/, Request& /*request*/) {
    throw Problem(
        problems::forbidden,
        "Who may read and publish packages is said by the repository's visibility and by roles here: "
        "change those.");
    co_return Response::empty();
}

}  // namespace lodestone::formats::npm
