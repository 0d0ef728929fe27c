// `npm login` and `npm logout`. Signing in by a web page is not offered: clients hear 404 where they ask for
// it and then ask for a name and a password.
#include "base/json_text.hpp"
#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/password.hpp"
#include "formats/npm/place.hpp"
#include "identity/identity.hpp"
#include "identity/secrets/token_text.hpp"

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

}  // namespace

Task<Response> begin_web_login(Context& /*context*/, Request& /*request*/) {
    throw Problem(problems::not_found,
                  "Signing in by a web page is not offered here: use a name and a password.");
    co_return Response::empty();
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
    const identity::IssuedKey issued = co_await make_own_key(context, request, std::move(person), wanted);
    std::string more = ",\"id\":";
    append_json_string(more, std::string(user_prefix) + name);
    more += ",\"rev\":\"1-0\",\"token\":";
    append_json_string(more, issued.text);
    co_return answer_ok(201, more);
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
