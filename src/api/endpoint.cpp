// Bodies in, answers out: what is the same for every endpoint.
#include "api/endpoint.hpp"

#include "api/json_body.hpp"
#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "http/message/headers.hpp"
#include "http/wire/body.hpp"
#include "identity/identity.hpp"

namespace lodestone::api {

namespace {

// A form of another site can make a browser post text, but not JSON without asking us first (CORS).
void check_is_json(const http::Request& request) {
    const std::string_view given = request.header("content-type").value_or("");
    const std::string_view type = http::trim_whitespace(given.substr(0, given.find(';')));
    if (http::equals_ignoring_case(type, "application/json")) return;
    throw Problem(problems::unsupported_media_type,
                  "The body has to be JSON: send it with \"Content-Type: application/json\".");
}

// The right to ask is looked at before the body comes, and again behind one that was slow.
Task<std::string> read_body(Call& call) {
    std::string text = co_await http::read_all(*call.request().body, limits::json_body_bytes);
    co_await call.identity().gate.admit_again(call.request());
    co_return text;
}

// Answers are for one caller alone. Those that hold a secret are not to be kept at all.
void set_caching(http::Response& response, bool is_secret) {
    response.headers.set("Cache-Control", is_secret ? "no-store" : "private, no-cache");
}

// The address of this request with another cursor.
std::string next_address(const http::Request& request, const std::string& next) {
    std::string address(request.raw_path);
    char separator = '?';
    const auto append = [&](std::string_view name, std::string_view value) {
        address += separator;
        address += http::encode_path_text(name) + '=' + http::encode_path_text(value);
        separator = '&';
    };
    for (const auto& [name, value] : request.query.parameters())
        if (name != "cursor") append(name, value);
    append("cursor", next);
    return address;
}

}  // namespace

Task<boost::json::value> read_json(Call& call) {
    if (!call.request().has_body)
        throw Problem(problems::malformed_request, "The body is missing: send a JSON object.");
    check_is_json(call.request());
    std::string text = co_await read_body(call);
    boost::json::value json = parse_json_body(text);
    call.set_body(std::move(text));
    co_return json;
}

Task<boost::json::value> read_json_or_nothing(Call& call) {
    std::string text;
    if (call.request().has_body) text = co_await read_body(call);
    if (text.empty()) co_return boost::json::object();
    check_is_json(call.request());
    boost::json::value json = parse_json_body(text);
    call.set_body(std::move(text));
    co_return json;
}

http::Response render_shown(std::string body, std::string etag, bool is_secret) {
    http::Response response = http::Response::json(200, std::move(body) + '\n');
    response.etag = std::move(etag);
    set_caching(response, is_secret);
    return response;
}

http::Response render_created(CreatedText created, bool is_secret) {
    http::Response response = http::Response::json(201, std::move(created.body) + '\n');
    if (!created.location.empty()) response.headers.set("Location", created.location);
    response.etag = std::move(created.etag);
    set_caching(response, is_secret);
    return response;
}

http::Response render_listed(std::string items, const std::string& next, const http::Request& request) {
    std::string body = "{\"items\":" + std::move(items) + ",\"next\":";
    if (next.empty())
        body += "null";
    else
        append_json_string(body, next);
    http::Response response = http::Response::json(200, body + "}\n");
    if (!next.empty()) response.headers.set("Link", "<" + next_address(request, next) + ">; rel=\"next\"");
    set_caching(response, false);
    return response;
}

}  // namespace lodestone::api
