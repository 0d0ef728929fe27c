// The page shows forms and takes them. It is open, since whoever comes has shown nothing yet: what is sent is
// what is checked, as in signing in by the API, by the same functions with the same brakes.
//
// No session is kept in the browser, so there is nothing that another site could make use of: a form that it
// sends would have to hold a password. It is refused all the same.
#include "web/web_login.hpp"

#include "base/problem.hpp"
#include "base/tenant_limits.hpp"
#include "http/message/client_network.hpp"
#include "identity/identity.hpp"
#include "identity/own_keys.hpp"
#include "identity/sign_in/challenge.hpp"
#include "identity/web_logins.hpp"
#include "web/web_login_page.hpp"

namespace lodestone::web {

using http::Request;
using http::Response;

namespace {

constexpr std::string_view content_security_policy =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

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

// People see these, so they are a page like the others.
Response render_page_problem(const Problem& problem, const Request& request) {
    const bool is_over = problem.status() == 404 || problem.status() == 409;
    Response response =
        answer_page(problem.status(), render_web_login_note({.title = "Not signed in",
                                                             .text = problem.detail(),
                                                             .is_refusal = true,
                                                             .again = is_over ? "" : request.raw_path}));
    for (const auto& [name, value] : problem.headers()) response.headers.set(name, value);
    return response;
}

Response answer_confirmed(std::string_view name) {
    std::string text = "You are signed in";
    if (!name.empty()) text.append(" as ").append(name);
    text += ". The program at the terminal goes on by itself; this page can be closed.";
    return answer_page(200, render_web_login_note({.title = "Signed in", .text = text}));
}

// Nothing that could be a tenant's name: there is no such page.
TenantId need_tenant(const Request& request) {
    auto tenant = parse_id<TenantId>(request.parameter("tenant"));
    if (!tenant) throw Problem(problems::not_found, "There is nothing at this address.");
    return *std::move(tenant);
}

Task<identity::WebLogin> need_login(Context& context, const Request& request, const TenantId& tenant) {
    auto login = co_await identity::find_web_login(context, request, tenant);
    if (!login)
        throw Problem(
            problems::not_found,
            "This login is over: ten minutes have passed, or the program has its key already. Begin "
            "again at the terminal.");
    co_return *std::move(login);
}
static_assert(limits::web_login_lifetime == std::chrono::minutes(10), "the sentence above says so");

WebLoginForm describe(const Request& request, const TenantId& tenant, const identity::WebLogin& login) {
    return {.address = request.raw_path,
            .tenant = tenant.text(),
            .login = &login,
            .is_from_elsewhere = http::client_of(request.peer.address) != login.client,
            .is_said_to_be_mine = false,
            .challenge = {}};
}

// Browsers say from which site a form was sent, and have for years.
void check_same_site(const Request& request) {
    const std::string_view site = request.header("Sec-Fetch-Site").value_or("same-origin");
    if (site != "same-origin" && site != "none")
        throw Problem(problems::forbidden, "Another site has sent this form.");
}

std::string need_field(const http::Query& form, std::string_view name) {
    const auto found = form.find(name);
    if (!found || found->empty())
        throw Problem(problems::invalid_input, "Fill in all of the form, then send it again.");
    return std::string(*found);
}

// Good in the tenant whose it is, and nowhere else.
void check_challenge(const identity::Vault& vault, const TenantId& tenant, std::string_view text) {
    const auto challenge = identity::open_challenge(text, vault.sealer, vault.clock.now());
    if (!challenge || challenge->tenant != tenant)
        throw Problem(problems::unauthenticated, "The time for the code is over: sign in once more.");
}

// By password, or by the code that was still to come.
Task<identity::SignInOutcome> sign_in(Context& context, const Request& request, const TenantId& tenant,
                                      const http::Query& form) {
    identity::Vault& vault = context.identity->vault;
    const db::Unit unit = identity::make_unit(request);
    if (form.find("challenge")) {
        identity::SecondFactorProof proof{.challenge = need_field(form, "challenge"),
                                          .code = need_field(form, "code"),
                                          .visitor = identity::visitor_of(request)};
        check_challenge(vault, tenant, proof.challenge);
        identity::SignInOutcome outcome;
        outcome.signed_in =
            co_await identity::prove_second_factor(vault, *context.database, std::move(proof), unit);
        co_return outcome;
    }
    identity::SignInRequest wanted{.tenant = tenant,
                                   .account = need_field(form, "name"),
                                   .password = need_field(form, "password"),
                                   .code = {},
                                   .visitor = identity::visitor_of(request)};
    co_return co_await identity::sign_in(vault, *context.database, std::move(wanted), unit);
}

Task<Response> show_form(Context& context, Request& request) {
    const TenantId tenant = need_tenant(request);
    const identity::WebLogin login = co_await need_login(context, request, tenant);
    if (login.is_confirmed()) co_return answer_confirmed({});
    co_return answer_page(200, render_web_login_form(describe(request, tenant, login)));
}

Task<Response> take_form(Context& context, Request& request) {
    check_same_site(request);
    const TenantId tenant = need_tenant(request);
    const std::string body = co_await http::read_all(*request.body, limits::web_login_bytes);
    const http::Query form = http::parse_query(body);
    const identity::WebLogin login = co_await need_login(context, request, tenant);
    if (login.is_confirmed()) co_return answer_confirmed({});
    WebLoginForm next = describe(request, tenant, login);
    next.is_said_to_be_mine = form.find("is_mine") == "yes";
    if (next.is_from_elsewhere && !next.is_said_to_be_mine)
        throw Problem(problems::invalid_input,
                      "The program asked from another address than yours: say that it is yours, or close "
                      "this page.");
    identity::SignInOutcome outcome = co_await sign_in(context, request, tenant, form);
    if (!outcome.signed_in) {
        next.challenge = std::move(outcome.challenge);
        co_return answer_page(200, render_web_login_form(next));
    }
    const std::string name =
        co_await identity::confirm_web_login(context, request, login, *std::move(outcome.signed_in));
    co_return answer_confirmed(name);
}

constexpr http::RouteOptions page{.body_limit_bytes = limits::web_login_bytes,
                                  .allows_cross_origin = false,
                                  .render_problem = render_page_problem};
constexpr http::Route routes[] = {
    {http::Method::get, "/web-login/{tenant}/{login}", http::Access::open, show_form, page},
    {http::Method::post, "/web-login/{tenant}/{login}", http::Access::open, take_form, page},
};

}  // namespace

std::span<const http::Route> web_login_routes() {
    return routes;
}

}  // namespace lodestone::web
