// The way to a provider and back, over HTTP. The return address is one for all that begins here or on a page
// of ours: a browser that comes back for something else than a session is sent on.
#include "api/provider_sign_in.hpp"

#include "api/call.hpp"
#include "api/signed_in_view.hpp"
#include "identity/provider_journey.hpp"

namespace lodestone::api {

namespace {

using identity::ProviderId;

identity::Journey journey_of(const Call& call) {
    return {.tenant = call.id<TenantId>("tenant"), .provider = call.id<ProviderId>("provider")};
}

Task<http::Response> leave(Context& context, http::Request& request) {
    co_return co_await identity::leave_for_provider(context, request, journey_of(Call(context, request)));
}

Task<http::Response> come_back(Context& context, http::Request& request) {
    const identity::Journey journey = journey_of(Call(context, request));
    if (auto way_on = co_await identity::find_way_on(context, request, journey)) co_return *std::move(way_on);
    auto outcome = co_await identity::return_from_provider(context, request, journey);
    std::string body = render_json(show_signed_in(std::move(outcome)).view) + '\n';
    http::Response response = http::Response::json(200, std::move(body));
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("Referrer-Policy", "no-referrer");
    identity::take_cookie_back(context, request, response);
    co_return response;
}

constexpr http::RouteOptions own_pages{.allows_cross_origin = false};

void describe_leaving(OperationShape& shape, SchemaBook&) {
    shape.status = 303;
}

void describe_coming_back(OperationShape& shape, SchemaBook& book) {
    for (const std::string_view name : {"state", "code", "error", "iss"})
        shape.query.emplace_back(name, JsonType<std::string>::schema(book));
    book.direction = SchemaBook::Direction::output;
    shape.output_schema = JsonType<SignedInView>::schema(book);
}

constexpr Endpoint endpoints[] = {
    {.route = {http::Method::get, "/api/v1/tenants/{tenant}/sign-in/{provider}", http::Access::open, leave,
               own_pages},
     .operation = {.name = "leaveForProvider",
                   .summary = "Sends a browser to a provider, to sign in there.",
                   .describe = describe_leaving}},
    {.route = {http::Method::get, "/api/v1/tenants/{tenant}/sign-in/{provider}/callback", http::Access::open,
               come_back, own_pages},
     .operation = {.name = "returnFromProvider",
                   .summary =
                       "Opens a session, or asks for the second factor, when the browser is back; one that "
                       "left from a page goes on there (303).",
                   .describe = describe_coming_back}},
};

}  // namespace

std::span<const Endpoint> provider_sign_in_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
