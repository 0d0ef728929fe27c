// The cookie between departure and return holds nothing but chance: it shows that both are one browser's.
#include "api/provider_sign_in.hpp"

#include "api/signed_in_view.hpp"
#include "base/ensure.hpp"
#include "identity/federation/federation.hpp"
#include "identity/identity.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::api {

namespace {

using identity::ProviderId;

constexpr std::string_view cookie_name = "lodestone_sign_in";

identity::ProviderSignIn& sign_in_of(const Call& call) {
    identity::Identity* const identity = call.context().identity;
    ensure(identity != nullptr && identity->federation != nullptr, "whoever serves the API has identity");
    return identity->federation->sign_in;
}

// Lax, since the way back begins at the provider; never readable by a script.
std::string render_cookie(std::string_view value, std::chrono::seconds lifetime, bool is_secure) {
    std::string cookie(cookie_name);
    cookie += '=';
    cookie += value;
    cookie += "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(lifetime.count());
    if (is_secure) cookie += "; Secure";
    return cookie;
}

std::string find_cookie(const http::Request& request) {
    const auto header = request.header("Cookie");
    std::string_view rest = header.value_or("");
    while (!rest.empty()) {
        const std::string_view one = http::trim_whitespace(rest.substr(0, rest.find(';')));
        rest.remove_prefix(
            std::min(rest.size(), rest.find(';') == rest.npos ? rest.size() : rest.find(';') + 1));
        if (one.starts_with(cookie_name) && one.substr(cookie_name.size()).starts_with('='))
            return std::string(one.substr(cookie_name.size() + 1));
    }
    return {};
}

std::string parameter(const http::Request& request, std::string_view name) {
    return std::string(request.query.find(name).value_or(""));
}

void keep_private(http::Response& response) {
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("Referrer-Policy", "no-referrer");
}

Task<http::Response> leave(Context& context, http::Request& request) {
    const Call call(context, request);
    identity::ProviderSignIn& sign_in = sign_in_of(call);
    // Each departure is kept for minutes: an address has so many at one time.
    call.vault().throttle.attempt_from(request.peer.address);
    const identity::Departure departure =
        co_await sign_in.begin(call.unit(), call.id<TenantId>("tenant"), call.id<ProviderId>("provider"));
    http::Response response = http::Response::empty(303);
    response.headers.set("Location", departure.url);
    response.headers.add("Set-Cookie",
                         render_cookie(departure.browser_mark, departure.lifetime, sign_in.is_secure()));
    keep_private(response);
    co_return response;
}

// Providers add parameters of their own; what is not known is not looked at.
Task<http::Response> come_back(Context& context, http::Request& request) {
    const Call call(context, request);
    identity::ProviderSignIn& sign_in = sign_in_of(call);
    identity::Return back{.state = parameter(request, "state"),
                          .code = parameter(request, "code"),
                          .error = parameter(request, "error"),
                          .issuer = parameter(request, "iss"),
                          .browser_mark = find_cookie(request),
                          .visitor = visitor_of(call)};
    auto outcome = co_await sign_in.finish(call.unit(), call.id<TenantId>("tenant"),
                                           call.id<ProviderId>("provider"), std::move(back));
    call.vault().throttle.forgive_from(request.peer.address);
    std::string body = render_json(show_signed_in(std::move(outcome)).view) + '\n';
    http::Response response = http::Response::json(200, std::move(body));
    response.headers.add("Set-Cookie", render_cookie("", std::chrono::seconds(0), sign_in.is_secure()));
    keep_private(response);
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
                   .summary = "Opens a session, or asks for the second factor, when the browser is back.",
                   .describe = describe_coming_back}},
};

}  // namespace

std::span<const Endpoint> provider_sign_in_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
