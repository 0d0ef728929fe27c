// `npm login` and `npm logout`. Clients ask for a login by a page first, and for a name and a password where
// that is refused with 4xx, or where they are told to (--auth-type=legacy).
// https://github.com/npm/npm-profile/blob/main/lib/index.js
#include "base/json_text.hpp"
#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "base/tenant_limits.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/notice.hpp"
#include "formats/npm/password.hpp"
#include "formats/npm/place.hpp"
#include "http/server/base_address.hpp"
#include "identity/identity.hpp"
#include "identity/secrets/token_text.hpp"
#include "identity/web_logins.hpp"
#include "packages/repository.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;

namespace {

constexpr std::string_view user_prefix = "org.couchdb.user:";

std::string need_text(const boost::json::object& object, std::string_view name) {
    const boost::json::value* found = object.if_contains(name);
    if (found == nullptr || !found->is_string() || found->get_string().empty())
        throw Problem(problems::invalid_input, "To sign in, send " + std::string(name) + " as a text.");
    return std::string(found->get_string());
}

TenantId need_tenant(const Request& request) {
    auto tenant = parse_id<TenantId>(request.parameter("tenant"));
    if (!tenant) throw Problem(problems::not_found, "There is nothing at this address.");
    return *std::move(tenant);
}

Response answer_uncached(int status, std::string body) {
    Response response = Response::json(status, std::move(body));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

}  // namespace

// Nobody learns here whether there is such a repository; but what no repository can be called is not shown
// to whoever opens the page.
Task<Response> begin_web_login(Context& context, Request& request) {
    const std::string& repository = request.parameter("repository");
    if (!packages::is_repository_name(repository))
        throw Problem(problems::not_found, "There is nothing at this address.");
    const identity::BegunWebLogin begun = co_await identity::begin_web_login(
        context, request, {.tenant = need_tenant(request), .format = "npm", .repository = repository});
    std::string body = "{\"loginUrl\":";
    append_json_string(body, begun.page_url);
    body += ",\"doneUrl\":";
    append_json_string(body, http::base_address(request) + "/npm/" + request.parameter("tenant") + '/' +
                                 http::encode_path_text(repository) + "/-/v1/done/" + begun.secret);
    co_return answer_uncached(200, body + "}\n");
}

// Asked again and again, with pauses, until somebody has confirmed: the secret stands in the path.
Task<Response> finish_web_login(Context& context, Request& request) {
    const auto issued = co_await identity::collect_web_login(
        context, request,
        {.tenant = need_tenant(request), .secret = request.parameter("secret"), .name_of_key = "npm login"});
    if (!issued) {
        Response response = answer_uncached(202, "{}\n");
        response.headers.set("Retry-After", std::to_string(limits::web_login_pause.count()));
        co_return response;
    }
    std::string body = "{\"token\":";
    append_json_string(body, issued->text);
    co_return answer_uncached(200, body + "}\n");
}

Task<Response> sign_in(Context& context, Request& request) {
    const std::string_view user = request.parameter("user");
    if (!user.starts_with(user_prefix))
        throw Problem(problems::not_found, "There is nothing at this address.");
    const std::string body = co_await http::read_all(*request.body, limits::npm_small_bytes);
    const StrictJson document = parse_strict_json(body, limits::npm_small_bytes);
    if (!document.object)
        throw Problem(problems::invalid_input, "What was sent to sign in is no JSON object.");
    PasswordLogin login{.tenant = need_tenant(request),
                        .account = need_text(*document.object, "name"),
                        .password = need_text(*document.object, "password")};
    if (login.account != user.substr(user_prefix.size()))
        throw Problem(problems::invalid_input,
                      "The name in the address is another than the one that was sent.");
    const std::string name = login.account;
    auto person = co_await check_password(context, request, std::move(login));
    identity::NewKey wanted;
    wanted.name = "npm login";
    const identity::IssuedKey issued =
        co_await identity::make_own_key(context, request, std::move(person), wanted);
    std::string more = ",\"id\":";
    append_json_string(more, std::string(user_prefix) + name);
    more += ",\"rev\":\"1-0\",\"token\":";
    append_json_string(more, issued.text);
    Response response = answer_ok(201, more);
    notice_web_login(request, response);
    co_return response;
}

// The client's own key, which its path names and its header shows.
Task<Response> sign_out(Context& context, Request& request) {
    const auto token = identity::parse_token(request.parameter("token"));
    const identity::Principal& who = *request.principal;
    if (!token || token->public_id != who.public_id || !who.key)
        throw Problem(problems::not_found, "That is not the key with which you have asked.");
    auto revoke = [&](Tx& tx) { identity::revoke_key(tx, who.tenant, *who.key, "npm logout"); };
    co_await context.database->write(identity::make_unit(request), revoke);
    co_return answer_ok(200);
}

}  // namespace lodestone::formats::npm
