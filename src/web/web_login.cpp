// The page shows forms and takes them. It is open, since whoever comes has shown nothing yet: what is sent is
// what is checked, as in signing in by the API, by the same functions with the same brakes.
//
// No session is kept in the browser, so a form that another site sends would have to hold a password; it is
// refused all the same. The form for a provider holds nothing, and providers know people who have signed in
// there lately: with it alone somebody's browser could be led all the way and back. It must be shown to be
// ours.
#include "web/web_login.hpp"

#include <algorithm>

#include "base/problem.hpp"
#include "base/tenant_limits.hpp"
#include "http/message/client_network.hpp"
#include "http/message/url.hpp"
#include "http/server/base_address.hpp"
#include "identity/identity.hpp"
#include "identity/own_keys.hpp"
#include "identity/provider_journey.hpp"
#include "identity/sign_in/challenge.hpp"
#include "identity/web_logins.hpp"
#include "web/web_login_page.hpp"

namespace lodestone::web {

using http::Request;
using http::Response;

namespace {

constexpr std::string_view content_security_policy =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
constexpr std::string_view policy_towards_providers =
    "default-src 'none'; style-src 'self'; form-action 'self' https:; base-uri 'none'; frame-ancestors "
    "'none'";
constexpr std::string_view policy_towards_this_machine =
    "default-src 'none'; style-src 'self'; form-action 'self' https: http://127.0.0.1:* http://localhost:*; "
    "base-uri 'none'; frame-ancestors 'none'";

Response answer_page(int status, std::string page) {
    Response response = Response::text(status, std::move(page), "text/html; charset=utf-8");
    response.headers.set("Content-Security-Policy", content_security_policy);
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("X-Frame-Options", "DENY");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
    response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
    response.headers.set("Cache-Control", "no-store");
    return response;
}

// A form that leads to a provider is followed by addresses that nobody knows beforehand, each of which
// browsers ask about: all that these providers may have. And where browsers say nothing else of a form, they
// say its origin only if the page lets them.
Response answer_form(const WebLoginForm& form) {
    Response response = answer_page(200, render_web_login_form(form));
    if (form.ways.providers.empty() || !form.challenge.empty()) return response;
    const bool is_here = std::ranges::any_of(
        form.ways.providers, [](const auto& provider) { return provider.is_on_this_machine; });
    response.headers.set("Content-Security-Policy",
                         is_here ? policy_towards_this_machine : policy_towards_providers);
    response.headers.set("Referrer-Policy", "same-origin");
    return response;
}

// The page itself, be it asked for or returned to.
std::string_view address_of_page(const Request& request) {
    const bool is_return = request.match.route->pattern.ends_with("/{provider}");
    return request.raw_path.substr(
        0, is_return ? request.raw_path.rfind(identity::way_back) : request.raw_path.npos);
}

// People see these, so they are a page like the others.
Response render_page_problem(const Problem& problem, const Request& request) {
    const bool is_over = problem.status() == 404 || problem.status() == 409;
    Response response = answer_page(
        problem.status(), render_web_login_note({.title = "Not signed in",
                                                 .text = problem.detail(),
                                                 .is_refusal = true,
                                                 .again = is_over ? "" : address_of_page(request)}));
    for (const auto& [name, value] : problem.headers()) response.headers.set(name, value);
    return response;
}

Response answer_confirmed(std::string_view name) {
    std::string text = "You are signed in";
    if (!name.empty()) text.append(" as ").append(name);
    text += ". The program at the terminal goes on by itself; this page can be closed.";
    return answer_page(200, render_web_login_note({.title = "Signed in", .text = text}));
}

// Whose page it is, for which login. The path is what is kept of it while something that was begun here is
// still to be finished: nothing of it is as the client wrote it.
struct Visit {
    TenantId tenant;
    identity::WebLogin login;
    std::string path;
};

// Nothing that could be a tenant's name: there is no such page.
Task<Visit> need_login(Context& context, const Request& request) {
    auto tenant = parse_id<TenantId>(request.parameter("tenant"));
    if (!tenant) throw Problem(problems::not_found, "There is nothing at this address.");
    auto login = co_await identity::find_web_login(context, request, *tenant);
    if (!login)
        throw Problem(
            problems::not_found,
            "This login is over: ten minutes have passed, or the program has its key already. Begin "
            "again at the terminal.");
    std::string path = "/web-login/" + tenant->text() + '/' + login->public_id;
    co_return Visit{.tenant = *std::move(tenant), .login = *std::move(login), .path = std::move(path)};
}
static_assert(limits::web_login_lifetime == std::chrono::minutes(10), "the sentence above says so");

WebLoginForm describe(const Request& request, const Visit& visit) {
    return {.address = visit.path,
            .tenant = visit.tenant.text(),
            .login = &visit.login,
            .is_from_elsewhere = http::client_of(request.peer.address) != visit.login.client};
}

// The login itself goes on: there may be another way.
[[noreturn]] void refuse_provider() {
    throw Problem(problems::forbidden, "That provider is not in use here: choose another way to sign in.");
}

// To the provider that a form or an address names, and back to this login.
identity::Journey journey_of(const Visit& visit, std::string_view provider) {
    auto id = parse_id<identity::ProviderId>(provider);
    if (!id) refuse_provider();
    return {.tenant = visit.tenant, .provider = *std::move(id), .goes_on_at = visit.path};
}

// Browsers say from which site a form was sent, and have for years.
void check_same_site(const Request& request) {
    const std::string_view site = request.header("Sec-Fetch-Site").value_or("same-origin");
    if (site != "same-origin" && site != "none")
        throw Problem(problems::forbidden, "Another site has sent this form.");
}

// Over plain HTTP browsers say no site, and neither do old ones; the origin of a form they do say.
bool is_of_own_origin(const Request& request) {
    const auto origin = http::parse_url(request.header("Origin").value_or("")).url;
    const auto own = http::parse_url(http::base_address(request)).url;
    return origin && own && http::has_same_origin(*origin, *own);
}

void check_own_form(const Request& request) {
    if (request.header("Sec-Fetch-Site") != "same-origin" && !is_of_own_origin(request))
        throw Problem(problems::forbidden,
                      "Your browser does not say that this form was sent by the page at the address of this "
                      "server: open the address that the program has shown, in another browser if need be.");
}

std::string need_field(const http::Query& form, std::string_view name) {
    const auto found = form.find(name);
    if (!found || found->empty())
        throw Problem(problems::invalid_input, "Fill in all of the form, then send it again.");
    return std::string(*found);
}

// Good for the login for which the password was typed, and nowhere else.
void check_challenge(const identity::Vault& vault, const Visit& visit, std::string_view text) {
    const auto challenge = identity::open_challenge(text, vault.sealer, vault.clock.now());
    if (!challenge || challenge->tenant != visit.tenant || challenge->goes_on_at != visit.path)
        throw Problem(problems::unauthenticated, "The time for the code is over: sign in once more.");
}

// By password, or by the code that was still to come.
Task<identity::SignInOutcome> sign_in(Context& context, const Request& request, const Visit& visit,
                                      const http::Query& form) {
    identity::Vault& vault = context.identity->vault;
    const db::Unit unit = identity::make_unit(request);
    if (form.find("challenge")) {
        identity::SecondFactorProof proof{.challenge = need_field(form, "challenge"),
                                          .code = need_field(form, "code"),
                                          .visitor = identity::visitor_of(request),
                                          .goes_on_at = visit.path};
        check_challenge(vault, visit, proof.challenge);
        identity::SignInOutcome outcome;
        outcome.signed_in =
            co_await identity::prove_second_factor(vault, *context.database, std::move(proof), unit);
        co_return outcome;
    }
    identity::SignInRequest wanted{.tenant = visit.tenant,
                                   .account = need_field(form, "name"),
                                   .password = need_field(form, "password"),
                                   .code = {},
                                   .visitor = identity::visitor_of(request),
                                   .goes_on_at = visit.path};
    co_return co_await identity::sign_in(vault, *context.database, std::move(wanted), unit);
}

// Whoever has signed in confirms; who has shown one thing alone is asked for the other.
Task<Response> go_on(Context& context, const Request& request, WebLoginForm form,
                     identity::SignInOutcome outcome) {
    if (!outcome.signed_in) {
        form.challenge = std::move(outcome.challenge);
        co_return answer_form(form);
    }
    const std::string name =
        co_await identity::confirm_web_login(context, request, *form.login, *std::move(outcome.signed_in));
    co_return answer_confirmed(name);
}

Task<Response> show_form(Context& context, Request& request) {
    const Visit visit = co_await need_login(context, request);
    if (visit.login.is_confirmed()) co_return answer_confirmed({});
    WebLoginForm form = describe(request, visit);
    form.ways = co_await identity::list_ways_in(context, request, visit.tenant);
    co_return answer_form(form);
}

Task<Response> leave(Context& context, const Request& request, const Visit& visit,
                     std::string_view provider) {
    check_own_form(request);
    identity::Journey journey = journey_of(visit, provider);
    const identity::WaysIn ways = co_await identity::list_ways_in(context, request, visit.tenant);
    if (std::ranges::none_of(ways.providers, [&](const auto& one) { return one.id == journey.provider; }))
        refuse_provider();
    co_return co_await identity::leave_for_provider(context, request, std::move(journey));
}

Task<Response> take_form(Context& context, Request& request) {
    check_same_site(request);
    const std::string body = co_await http::read_all(*request.body, limits::web_login_bytes);
    const http::Query form = http::parse_query(body);
    const Visit visit = co_await need_login(context, request);
    if (visit.login.is_confirmed()) co_return answer_confirmed({});
    WebLoginForm next = describe(request, visit);
    next.is_said_to_be_mine = form.find("is_mine") == "yes";
    const auto provider = form.find("provider");
    if ((next.is_from_elsewhere || provider) && !next.is_said_to_be_mine)
        throw Problem(problems::invalid_input,
                      "Say that the program that asks is yours, or close this page.");
    if (provider) co_return co_await leave(context, request, visit, *provider);
    identity::SignInOutcome outcome = co_await sign_in(context, request, visit, form);
    co_return co_await go_on(context, request, std::move(next), std::move(outcome));
}

// Back from the provider. Whose program it is was said before the browser left (take_form), and it is the
// same browser.
Task<Response> come_back(Context& context, Request& request) {
    const Visit visit = co_await need_login(context, request);
    const identity::Journey journey = journey_of(visit, request.parameter("provider"));
    if (visit.login.is_confirmed())
        throw Problem(
            problems::conflict,
            "This login was confirmed before, here or by somebody else. If the program at the terminal "
            "does not go on, begin again there.");
    identity::SignInOutcome outcome = co_await identity::return_from_provider(context, request, journey);
    WebLoginForm next = describe(request, visit);
    next.is_said_to_be_mine = true;
    Response response = co_await go_on(context, request, std::move(next), std::move(outcome));
    identity::take_cookie_back(context, request, response);
    co_return response;
}

constexpr http::RouteOptions page{.body_limit_bytes = limits::web_login_bytes,
                                  .allows_cross_origin = false,
                                  .render_problem = render_page_problem};
constexpr http::Route routes[] = {
    {http::Method::get, "/web-login/{tenant}/{login}", http::Access::open, show_form, page},
    {http::Method::post, "/web-login/{tenant}/{login}", http::Access::open, take_form, page},
    {http::Method::get, "/web-login/{tenant}/{login}/return/{provider}", http::Access::open, come_back, page},
};

}  // namespace

std::span<const http::Route> web_login_routes() {
    return routes;
}

}  // namespace lodestone::web
