// Who asks, as far as clients want to know.
#include "base/json_text.hpp"
#include "db/database.hpp"
#include "formats/npm/handlers.hpp"
#include "formats/npm/notice.hpp"
#include "formats/npm/place.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;
using http::Response;

namespace {

Response answer_uncached(std::string body) {
    Response response = Response::json(200, std::move(body));
    response.headers.set("Cache-Control", "private, no-store");
    return response;
}

}  // namespace

Task<Response> ping(Context& /*context*/, Request& /*request*/) {
    co_return answer_uncached("{}\n");
}

Task<Response> show_name(Context& context, Request& request) {
    std::string body = "{\"username\":";
    append_json_string(body, request.principal->name);
    Response response = answer_uncached(body + "}\n");
    notice_end_of_key(context, request, response);
    co_return response;
}

Task<Response> show_profile(Context& context, Request& request) {
    const identity::Principal& who = *request.principal;
    std::optional<identity::User> user;
    if (who.kind == identity::PrincipalKind::person) {
        auto find = [&](Tx& tx) { return identity::find_user(tx, who.tenant, who.user); };
        user = co_await context.database->read(identity::make_unit(request), find);
    }
    std::string body = "{\"tfa\":";
    body += who.has_second_factor ? R"({"mode":"auth-only","pending":false})" : "null";
    body += ",\"name\":";
    append_json_string(body, user ? user->username : who.name);
    body += ",\"email\":";
    append_json_string(body, user && user->email ? *user->email : std::string());
    body += ",\"email_verified\":false,\"fullname\":";
    append_json_string(body, user ? user->full_name : std::string());
    co_return answer_uncached(body + "}\n");
}

}  // namespace lodestone::formats::npm
