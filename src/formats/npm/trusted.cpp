// Trusted publishing: a pipeline shows the token that its forge signed for this run, and gets a key for some
// minutes (docs/user/trusted-publishing.md). Clients ask for tokens that are for "npm:" and the registry's
// host, and bring them before each publication, whether anybody trusts them or not.
// https://github.com/npm/cli/blob/latest/lib/utils/oidc.js
#include <algorithm>

#include "base/json_text.hpp"
#include "base/problem.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/place.hpp"
#include "http/message/url.hpp"
#include "identity/federation/federation.hpp"
#include "identity/gate/credentials.hpp"
#include "identity/identity.hpp"
#include "identity/sign_in/first_installation.hpp"
#include "packages/app_of_pipeline.hpp"

namespace lodestone::formats::npm {

using http::Request;
using http::Response;

namespace {

// Without an address of its own there is nothing that a token could be made for.
std::string need_audience(const Request& request) {
    const http::UrlResult address = http::parse_url(request.public_url);
    if (request.public_url.empty() || !address.url)
        throw Problem(
            problems::not_found,
            "Trusted publishing needs the setting server.public_url; ask whoever runs this server.");
    return "npm:" + address.url->host;
}

bool is_below_repository(const Request& request) {
    return std::ranges::any_of(request.match.parameters,
                               [](const auto& parameter) { return parameter.first == "repository"; });
}

}  // namespace

Task<Response> exchange_token(Context& context, Request& request) {
    identity::Federation* const federation = context.identity->federation;
    if (federation == nullptr) throw Problem(problems::not_found, "Trusted publishing is not served here.");
    // At the host's root no tenant is named: it is the one that trusts the pipeline, the installation's first
    // one before others.
    const bool is_below = is_below_repository(request);
    const std::string tenant = is_below ? request.parameter("tenant") : std::string(identity::first_tenant);
    identity::TokenExchange wanted{.tenant = TenantId::trusted(tenant),
                                   .token = identity::parse_credentials(*request.headers).text,
                                   .app = std::nullopt,
                                   .audience = need_audience(request)};
    if (is_below)
        wanted.app = co_await packages::find_app_of_pipeline(context, request);
    else
        wanted.tenant = co_await federation->publishing.find_tenant(identity::make_unit(request), wanted);
    const identity::ExchangedKey exchanged =
        co_await federation->publishing.exchange(identity::make_unit(request), std::move(wanted));
    std::string body = "{\"token\":";
    append_json_string(body, exchanged.issued.text);
    Response response = Response::json(201, body + "}\n");
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

}  // namespace lodestone::formats::npm
