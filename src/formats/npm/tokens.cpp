// `npm token`: one's own keys, listed, made and revoked.
// https://github.com/npm/registry/blob/main/docs/user/authentication.md
#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"
#include "base/time_text.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/password.hpp"
#include "formats/npm/place.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;

namespace {

const identity::Principal& need_person(const Request& request) {
    if (request.principal->kind != identity::PrincipalKind::person)
        throw Problem(problems::forbidden,
                      "Only people have keys of their own: those of an app are in its page.");
    return *request.principal;
}

bool is_reading_only(const identity::Key& key) {
    const identity::Scopes scopes = key.find_scopes();
    if (!scopes) return false;
    for (const identity::Scope& scope : *scopes)
        for (const std::string& action : scope.actions)
            if (action != "package:read" && action != "package:list" && action != "package:download")
                return false;
    return true;
}

// The token itself is shown once; of the others its beginning is, which is public.
void append_key(std::string& out, const identity::Key& key, std::string_view token) {
    out += "{\"token\":";
    append_json_string(out, token);
    out += ",\"key\":";
    append_json_string(out, key.id.text());
    out += ",\"name\":";
    append_json_string(out, key.name);
    out += ",\"readonly\":";
    out += is_reading_only(key) ? "true" : "false";
    out += ",\"cidr_whitelist\":" + key.networks + ",\"created\":";
    append_json_string(out, render_rfc3339(key.created_at));
    out += ",\"updated\":";
    append_json_string(out, render_rfc3339(key.updated_at));
    out += ",\"expires\":";
    append_json_string(out, render_rfc3339(key.expires_at));
    out += '}';
}

Response answer_uncached(int status, std::string body) {
    Response response = Response::json(status, std::move(body));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

std::string need_password(const boost::json::object& object) {
    const boost::json::value* found = object.if_contains("password");
    if (found == nullptr || !found->is_string())
        throw Problem(problems::invalid_input, "To make a key, send your password.");
    return std::string(found->get_string());
}

std::vector<std::string> read_networks(const boost::json::object& object) {
    std::vector<std::string> networks;
    const boost::json::value* found = object.if_contains("cidr_whitelist");
    if (found == nullptr || found->is_null()) return networks;
    if (!found->is_array()) throw Problem(problems::invalid_input, "cidr_whitelist is no list of networks.");
    for (const boost::json::value& one : found->get_array()) {
        if (!one.is_string())
            throw Problem(problems::invalid_input, "cidr_whitelist is no list of networks.");
        networks.emplace_back(one.get_string());
    }
    return networks;
}

identity::NewKey describe_key(const boost::json::object& object) {
    identity::NewKey wanted;
    const boost::json::value* name = object.if_contains("name");
    wanted.name = name != nullptr && name->is_string() ? std::string(name->get_string()) : "npm token";
    wanted.networks = read_networks(object);
    const boost::json::value* readonly = object.if_contains("readonly");
    if (readonly != nullptr && readonly->is_bool() && readonly->get_bool())
        wanted.scopes = identity::Scopes(
            {{.actions = {"package:read", "package:list", "package:download"}, .resources = {}, .tags = {}}});
    return wanted;
}

}  // namespace

Task<Response> list_tokens(Context& context, Request& request) {
    const identity::Principal& who = need_person(request);
    co_await context.identity->gate.authorise(request, "key:list", identity::own_keys_of(who));
    auto list = [&](Tx& tx) {
        return identity::list_keys(tx, who.tenant,
                                   {.filters = {{"user_id", who.user.text()}},
                                    .sort = {},
                                    .limit = limits::page_rows_most,
                                    .cursor = {}});
    };
    const auto page = co_await context.database->read(identity::make_unit(request), list);
    std::string body = "{\"objects\":[";
    std::size_t count = 0;
    for (const identity::Key& key : page.items) {
        if (!key.is_live(context.clock.now())) continue;
        if (count++ > 0) body += ',';
        append_key(body, key, key.public_id.substr(0, 6));
    }
    body += "],\"total\":" + std::to_string(count) + ",\"urls\":{}}\n";
    co_return answer_uncached(200, std::move(body));
}

// With the password, as the client insists; so the new key is not one that the shown key has made.
Task<Response> create_token(Context& context, Request& request) {
    const identity::Principal& who = need_person(request);
    const std::string body = co_await http::read_all(*request.body, limits::npm_small_bytes);
    const StrictJson document = parse_strict_json(body, limits::npm_small_bytes);
    if (!document.object) throw Problem(problems::invalid_input, "What describes the key is no JSON object.");
    identity::NewKey wanted = describe_key(*document.object);
    auto find = [&](Tx& tx) { return identity::find_user(tx, who.tenant, who.user); };
    const auto user = co_await context.database->read(identity::make_unit(request), find);
    if (!user) db::refuse_absent("user", who.user.text());
    PasswordLogin login{
        .tenant = who.tenant, .account = user->username, .password = need_password(*document.object)};
    auto person = co_await check_password(context, request, std::move(login));
    const identity::IssuedKey issued =
        co_await identity::make_own_key(context, request, std::move(person), std::move(wanted));
    std::string answer;
    append_key(answer, issued.key, issued.text);
    co_return answer_uncached(200, answer + '\n');
}

// By its id, or by its text, as clients do who have found one.
Task<Response> revoke_token(Context& context, Request& request) {
    const identity::Principal& who = need_person(request);
    co_await context.identity->gate.authorise(request, "key:revoke", identity::own_keys_of(who));
    const std::string& named = request.parameter("key");
    auto revoke = [&](Tx& tx) {
        std::optional<identity::Key> key;
        if (const auto token = identity::parse_token(named)) {
            auto found = identity::find_key_by_public_id(tx, token->public_id);
            if (found && found->tenant_id == who.tenant) key = *std::move(found);
        } else if (const auto id = parse_id<identity::KeyId>(named)) {
            key = identity::find_key(tx, who.tenant, *id);
        }
        if (!key || key->user_id != who.user) db::refuse_absent("key", "of that name");
        identity::revoke_key(tx, who.tenant, key->id, "npm token revoke");
    };
    co_await context.database->write(identity::make_unit(request), revoke);
    co_return Response::empty();
}

}  // namespace lodestone::formats::npm
