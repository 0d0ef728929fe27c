// Tokens: what container clients trade their key for, and show with each request. They are the gate's
// tickets, for what was asked for as far as whoever asks may do it; whoever shows nothing gets one, too.
// https://distribution.github.io/distribution/spec/auth/token/ and …/auth/oauth/
#include <algorithm>
#include <span>

#include "base/image_limits.hpp"
#include "base/json_text.hpp"
#include "base/time_text.hpp"
#include "formats/oci/handlers.hpp"
#include "formats/oci/place.hpp"
#include "formats/oci/problems.hpp"
#include "formats/oci/token_scope.hpp"
#include "identity/gate/credentials.hpp"
#include "identity/gate/refusals.hpp"
#include "identity/identity.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::formats::oci {

using http::Request;
using http::Response;
using identity::Scope;

namespace {

struct ActionRights {
    std::string_view action;
    std::string_view permission;
};
constexpr ActionRights rights[] = {
    {"pull", "package:read"},   {"pull", "package:download"}, {"push", "package:publish"},
    {"push", "package:update"}, {"delete", "package:delete"},
};

std::vector<TokenScope> scopes_of(std::span<const std::string_view> parameters) {
    std::vector<TokenScope> scopes;
    for (const std::string_view parameter : parameters)
        for (TokenScope& scope : parse_token_scopes(parameter))
            if (scopes.size() < limits::token_scopes) scopes.push_back(std::move(scope));
    return scopes;
}

bool is_asked(const TokenScope& asked, std::string_view action) {
    return std::ranges::count(asked.actions, action) > 0 || std::ranges::count(asked.actions, "*") > 0;
}

// What of one scope whoever asks may do. A ticket says nothing of other tenants: there, it is worth what a
// stranger is.
Task<std::optional<Scope>> grant(Context& context, const Request& request, const TokenScope& asked) {
    if (asked.type == "registry" && asked.name == "catalog" && is_asked(asked, "*"))
        co_return Scope{.actions = {"package:list"}, .resources = {}, .tags = {}};
    const auto name = parse_full_name(asked.name);
    if (asked.type != "repository" || !name || name->tenant != request.principal->tenant)
        co_return std::nullopt;
    identity::Gate& gate = context.identity->gate;
    const auto facts = co_await gate.find_repository(name->tenant, name->repository, request.deadline);
    identity::Resource resource;
    resource.tenant = name->tenant;
    resource.type = "package";
    resource.id = name->image;
    identity::place_in_repository(resource, facts.get(), name->repository);
    Scope scope{.actions = {}, .resources = {resource.text()}, .tags = {}};
    for (const ActionRights& right : rights) {
        if (!is_asked(asked, right.action)) continue;
        const identity::Decision decision =
            co_await gate.judge(request.principal, right.permission, resource, request);
        if (decision.is_allowed) scope.actions.emplace_back(right.permission);
    }
    const bool is_usable = !scope.actions.empty() && identity::find_scope_fault(std::vector{scope}).empty();
    co_return is_usable ? std::optional(std::move(scope)) : std::nullopt;
}

// As many as fit into one ticket: whoever asks gets less than asked for, never an error.
Task<std::vector<Scope>> grant_all(Context& context, const Request& request,
                                   const std::vector<TokenScope>& asked) {
    std::vector<Scope> granted;
    for (const TokenScope& one : asked) {
        auto scope = co_await grant(context, request, one);
        if (!scope || std::ranges::count(granted, *scope) > 0) continue;
        granted.push_back(*std::move(scope));
        if (identity::render_scopes(granted).size() <= limits::credential_bytes / 2) continue;
        granted.pop_back();
        break;
    }
    co_return granted;
}

void append_member(std::string& body, std::string_view name, std::string_view value) {
    body += body.size() > 1 ? ",\"" : "\"";
    body += name;
    body += "\":";
    append_json_string(body, value);
}

// A key is what lasts, so where the client wants to keep something, that is it.
struct TokenAsked {
    std::vector<TokenScope> scopes;
    bool wants_refresh = false;
};

Task<Response> answer_token(Context& context, Request& request, const TokenAsked& asked) {
    request.principal = co_await context.identity->gate.identify(request);
    const std::vector<Scope> granted = co_await grant_all(context, request, asked.scopes);
    const identity::IssuedTicket ticket = context.identity->gate.give_ticket(request, granted);
    std::string body = "{";
    append_member(body, "token", ticket.text);
    append_member(body, "access_token", ticket.text);
    append_member(body, "token_type", "Bearer");
    append_member(body, "issued_at", render_rfc3339(ticket.issued));
    if (asked.wants_refresh && request.principal->key)
        append_member(body, "refresh_token", identity::parse_credentials(*request.headers).text);
    const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(ticket.expires - ticket.issued);
    body += ",\"expires_in\":" + std::to_string(lifetime.count()) + "}\n";
    Response response = Response::json(200, std::move(body));
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

// The key that a form holds, where OAuth puts it: as a password, or as a token from before.
std::string_view find_key(const http::Query& form) {
    const std::string_view grant_type = form.find("grant_type").value_or("");
    if (grant_type == "password") return form.find("password").value_or("");
    if (grant_type == "refresh_token") return form.find("refresh_token").value_or("");
    throw Problem(question_invalid, "grant_type is password or refresh_token; either holds a key.");
}

}  // namespace

// https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints: whether this is a
// registry, and where to sign in. Whoever shows a token, be it nobody's, has done that.
Task<Response> check_version(Context& context, Request& request) {
    if (identity::parse_credentials(*request.headers).state == identity::ShownCredential::State::none)
        throw identity::unauthenticated();
    co_await context.identity->gate.identify(request);
    co_return Response::json(200, "{}\n");
}

Task<Response> give_token(Context& context, Request& request) {
    const std::vector<std::string_view> scopes = request.query.find_all("scope");
    const TokenAsked asked{.scopes = scopes_of(scopes),
                           .wants_refresh = request.query.find("offline_token").value_or("") == "true"};
    co_return co_await answer_token(context, request, asked);
}

// The gate reads headers alone, so what the form shows is put among them, as one that is no Bearer token: the
// operator's never comes in a form. Two keys that differ are refused as everywhere.
Task<Response> give_posted_token(Context& context, Request& request) {
    const std::string body = co_await http::read_all(*request.body, limits::token_form_bytes);
    const http::Query form = http::parse_query(body);
    const std::string_view key = find_key(form);
    http::ReceivedHeaders headers = *request.headers;
    if (key.empty() || !headers.append({.name = "X-API-Key", .value = key}))
        throw identity::unauthenticated();
    Request shown = request;
    shown.headers = &headers;
    const std::vector<std::string_view> scopes = form.find_all("scope");
    const TokenAsked asked{.scopes = scopes_of(scopes),
                           .wants_refresh = form.find("access_type").value_or("") == "offline"};
    co_return co_await answer_token(context, shown, asked);
}

}  // namespace lodestone::formats::oci
