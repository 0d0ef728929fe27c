// The cookie between departure and return holds nothing but chance: it shows that both are one browser's.
#include "identity/provider_journey.hpp"

#include <algorithm>

#include "base/ensure.hpp"
#include "http/server/base_address.hpp"
#include "identity/federation/federation.hpp"
#include "identity/identity.hpp"
#include "identity/own_keys.hpp"

namespace lodestone::identity {

namespace {

ProviderSignIn& sign_in_of(const Context& context) {
    ensure(context.identity != nullptr && context.identity->federation != nullptr,
           "whoever serves requests has identity");
    return context.identity->federation->sign_in;
}

// With the prefix no neighbour of our host, and nobody who listens to plain HTTP, can give a browser the mark
// of another one. Each journey has a cookie of its own: two may be under way in one browser.
std::string cookie_name(std::string_view journey, bool is_secure) {
    return std::string(is_secure ? "__Host-lodestone_sign_in_" : "lodestone_sign_in_").append(journey);
}

struct Mark {
    std::string_view journey;
    std::string_view value;
    std::chrono::seconds lifetime{0};
};

// Lax, since the way back begins at the provider; never readable by a script.
std::string render_cookie(const Mark& mark, bool is_secure) {
    std::string cookie = cookie_name(mark.journey, is_secure);
    cookie += '=';
    cookie += mark.value;
    cookie += "; Path=/; HttpOnly; SameSite=Lax; Max-Age=" + std::to_string(mark.lifetime.count());
    if (is_secure) cookie += "; Secure";
    return cookie;
}

std::string find_cookie(const http::Request& request, std::string_view name) {
    const auto header = request.header("Cookie");
    std::string_view rest = header.value_or("");
    while (!rest.empty()) {
        const std::string_view one = http::trim_whitespace(rest.substr(0, rest.find(';')));
        rest.remove_prefix(
            std::min(rest.size(), rest.find(';') == rest.npos ? rest.size() : rest.find(';') + 1));
        if (one.starts_with(name) && one.substr(name.size()).starts_with('='))
            return std::string(one.substr(name.size() + 1));
    }
    return {};
}

std::string parameter(const http::Request& request, std::string_view name) {
    return std::string(request.query.find(name).value_or(""));
}

// Codes and states stand in addresses: nobody keeps the answer, or is told where it came from.
http::Response redirect(const std::string& url) {
    http::Response response = http::Response::empty(303);
    response.headers.set("Location", url);
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("Referrer-Policy", "no-referrer");
    return response;
}

}  // namespace

Task<http::Response> leave_for_provider(Context& context, const http::Request& request, Journey journey) {
    ProviderSignIn& sign_in = sign_in_of(context);
    // Each departure is kept for minutes: an address has so many at one time.
    context.identity->vault.throttle.attempt_departure(request.peer.address);
    const Departure departure =
        co_await sign_in.begin(make_unit(request), std::move(journey.tenant), std::move(journey.provider),
                               std::move(journey.goes_on_at));
    http::Response response = redirect(departure.url);
    const Mark mark{
        .journey = departure.journey, .value = departure.browser_mark, .lifetime = departure.lifetime};
    response.headers.add("Set-Cookie", render_cookie(mark, sign_in.is_secure()));
    co_return response;
}

// What the provider has sent goes along as it is. The path is from our own table, so nobody is sent
// elsewhere.
Task<std::optional<http::Response>> find_way_on(Context& context, const http::Request& request,
                                                Journey journey) {
    const std::string page = co_await sign_in_of(context).find_way_on(
        make_unit(request), std::move(journey.tenant), journey.provider, parameter(request, "state"));
    if (page.empty()) co_return std::nullopt;
    std::string url = http::base_address(request) + page;
    url.append(way_back).append(journey.provider.text()).append("?").append(request.raw_query);
    co_return redirect(url);
}

// Providers add parameters of their own; what is not known is not looked at.
Task<SignInOutcome> return_from_provider(Context& context, const http::Request& request, Journey journey) {
    ProviderSignIn& sign_in = sign_in_of(context);
    std::string state = parameter(request, "state");
    const std::string cookie = cookie_name(journey_name(state), sign_in.is_secure());
    // Nobody sees what an answer to HEAD leaves out, and a state is good for one return.
    if (request.method == http::Method::head)
        throw Problem(problems::method_not_allowed, "A sign-in is finished with GET.");
    Return back{.state = std::move(state),
                .code = parameter(request, "code"),
                .error = parameter(request, "error"),
                .issuer = parameter(request, "iss"),
                .browser_mark = find_cookie(request, cookie),
                .goes_on_at = std::move(journey.goes_on_at),
                .visitor = visitor_of(request)};
    SignInOutcome outcome = co_await sign_in.finish(make_unit(request), std::move(journey.tenant),
                                                    std::move(journey.provider), std::move(back));
    context.identity->vault.throttle.forgive_departure(request.peer.address);
    co_return outcome;
}

void take_cookie_back(const Context& context, const http::Request& request, http::Response& response) {
    const std::string journey = journey_name(parameter(request, "state"));
    response.headers.add("Set-Cookie",
                         render_cookie({.journey = journey, .value = {}}, sign_in_of(context).is_secure()));
}

}  // namespace lodestone::identity
