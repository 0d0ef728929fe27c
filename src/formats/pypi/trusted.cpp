// Trusted publishing: how a pipeline finds out what its token must be for, and gets a key for it. What is
// compared is no business of this protocol (identity/federation/trusted_publishing.hpp).
//
// https://peps.python.org/pep-0807/: a client asks /.well-known/pytp about the path that it uploads to, and
// is told addresses below the repository's mount. Older clients know only the host, and ask at its
// /_/oidc/…: there they get a key of the tenant that trusts them, the installation's first one before others.
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/json_text.hpp"
#include "base/problem.hpp"
#include "base/python_limits.hpp"
#include "base/strict_json.hpp"
#include "formats/pypi/handlers.hpp"
#include "formats/pypi/place.hpp"
#include "formats/pypi/problems.hpp"
#include "formats/pypi/upload_path.hpp"
#include "http/message/negotiate.hpp"
#include "http/message/path.hpp"
#include "http/server/base_address.hpp"
#include "identity/federation/federation.hpp"
#include "identity/identity.hpp"
#include "identity/sign_in/first_installation.hpp"
#include "packages/app_of_pipeline.hpp"

namespace lodestone::formats::pypi {

using http::Request;
using http::Response;

namespace {

constexpr std::string_view media_types[] = {"application/vnd.pypi.pytp.v1+json", "application/json"};

Response answer(const Request& request, std::string body) {
    const auto chosen = http::negotiate_media_type(request.header("Accept"), media_types);
    if (!chosen)
        throw Problem(not_acceptable,
                      "The answer is " + std::string(media_types[0]) + ": ask for it in the header Accept.");
    Response response = Response::text(200, std::move(body), media_types[*chosen]);
    response.headers.set("Cache-Control", "no-store");
    return response;
}

std::string read_token(std::string_view body) {
    const StrictJson document = parse_strict_json(body, limits::python_mint_bytes);
    const boost::json::value* token = document.object ? document.object->if_contains("token") : nullptr;
    if (token == nullptr || !token->is_string())
        throw Problem(problems::invalid_input,
                      R"(The body is JSON with the pipeline's token: {"token":"…"}.)");
    return std::string(token->get_string());
}

// Without an address of its own there is nothing that a token could be made for.
void check_is_set_up(const Request& request) {
    if (request.public_url.empty())
        throw Problem(
            problems::not_found,
            "Trusted publishing needs the setting server.public_url; ask whoever runs this server.");
}

enum class TenantIs : std::uint8_t { named, looked_for };

Task<Response> mint(Context& context, Request& request, identity::TokenExchange wanted, TenantIs tenant) {
    wanted.token = read_token(co_await http::read_all(*request.body, limits::python_mint_bytes));
    identity::Federation* const federation = context.identity->federation;
    if (federation == nullptr) throw Problem(problems::not_found, "Trusted publishing is not served here.");
    if (tenant == TenantIs::looked_for)
        wanted.tenant = co_await federation->publishing.find_tenant(identity::make_unit(request), wanted);
    const identity::ExchangedKey exchanged =
        co_await federation->publishing.exchange(identity::make_unit(request), std::move(wanted));
    std::string body = "{\"success\":true,\"token\":";
    append_json_string(body, exchanged.issued.text);
    const auto expires = exchanged.issued.key.expires_at.time_since_epoch();
    body +=
        ",\"expires\":" + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(expires).count());
    co_return answer(request, body + "}\n");
}

}  // namespace

Task<Response> discover_publishing(Context&, Request& request) {
    check_is_set_up(request);
    const auto place = parse_upload_path(request.query.find("discover").value_or(""));
    if (!place)
        throw Problem(problems::not_found,
                      "No package is uploaded there: ask about the path of an upload's address.");
    const std::string base = http::base_address(request) + *place + "/_/oidc/";
    std::string body = "{\"audience-endpoint\":";
    append_json_string(body, base + "audience");
    body += ",\"token-mint-endpoint\":";
    append_json_string(body, base + "mint-token");
    co_return answer(
        request, body + R"(,"features":["multi-use-token"],"default-features":["multi-use-token"]})" + "\n");
}

Task<Response> show_audience(Context&, Request& request) {
    check_is_set_up(request);
    std::string body = "{\"audience\":";
    append_json_string(body, request.public_url);
    co_return answer(request, body + "}\n");
}

Task<Response> mint_token(Context& context, Request& request) {
    check_is_set_up(request);
    const TenantId tenant = TenantId::trusted(request.parameter("tenant"));
    const auto app = co_await packages::find_app_of_pipeline(context, request);
    co_return co_await mint(context, request, {.tenant = tenant, .token = {}, .app = app}, TenantIs::named);
}

Task<Response> mint_token_of_host(Context& context, Request& request) {
    check_is_set_up(request);
    const TenantId tenant = TenantId::trusted(std::string(identity::first_tenant));
    co_return co_await mint(context, request, {.tenant = tenant, .token = {}, .app = {}},
                            TenantIs::looked_for);
}

}  // namespace lodestone::formats::pypi
