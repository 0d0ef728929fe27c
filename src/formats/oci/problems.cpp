// How refusals are worded, those of the rest of the program too: they get the code that comes nearest.
#include "formats/oci/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_text.hpp"
#include "formats/oci/place.hpp"
#include "http/server/router.hpp"

namespace lodestone::formats::oci {

namespace {

std::string_view find_parameter(const http::Request& request, std::string_view name) {
    for (const auto& [known, value] : request.match.parameters)
        if (known == name) return value;
    return {};
}

bool is_upload(const http::Request& request) {
    return request.repository != nullptr && !find_parameter(request, "upload").empty();
}

// The codes of our own problems are lower-case words; the specification's are in capitals.
bool has_own_code(const Problem& problem) {
    const std::string_view code = problem.kind().code;
    return std::ranges::all_of(code, [](char c) { return c == '_' || (c >= 'A' && c <= 'Z'); });
}

std::string_view code_of(const Problem& problem, const http::Request& request, int status) {
    if (has_own_code(problem)) return problem.kind().code;
    switch (status) {
        case 401: return "UNAUTHORIZED";
        case 403: return "DENIED";
        case 404: return is_upload(request) ? "BLOB_UPLOAD_UNKNOWN" : "NAME_UNKNOWN";
        case 409: return is_upload(request) ? "BLOB_UPLOAD_INVALID" : "DENIED";
        case 411:
        case 413: return "SIZE_INVALID";
        case 416: return is_upload(request) ? "BLOB_UPLOAD_INVALID" : "UNSUPPORTED";
        case 429: return "TOOMANYREQUESTS";
        case 503:
        case 507: return "UNAVAILABLE";
        default: return status < 500 ? "UNSUPPORTED" : "UNKNOWN";
    }
}

// By what the route needs. Whoever looks for a blob may be about to push it, and is promised it then only
// with a token that is good for that; who may not push gets one for the rest.
std::string_view actions_for(const http::Request& request) {
    const std::string_view permission =
        request.match.route != nullptr ? request.match.route->access.permission : std::string_view();
    if (permission == "package:delete") return "delete";
    const bool looks_for_blob =
        request.method == http::Method::head && !find_parameter(request, "digest").empty();
    return permission == "package:publish" || looks_for_blob ? "pull,push" : "pull";
}

// Mounting pulls from another image, for which the token has to be good as well.
std::string source_scope(const http::Request& request) {
    if (request.method != http::Method::post || !request.query.find("mount")) return {};
    const std::string_view from = request.query.find("from").value_or("");
    return parse_full_name(from) ? fmt::format(" repository:{}:pull", from) : std::string();
}

// What a token has to be good for; empty where any will do.
std::string scope_for(const http::Request& request) {
    if (request.match.route != nullptr && request.match.route->pattern == catalog_path)
        return "registry:catalog:*";
    const std::string_view image = find_parameter(request, "image");
    if (image.empty()) return {};
    return fmt::format("repository:{}/{}/{}:{}{}", find_parameter(request, "tenant"),
                       find_parameter(request, "repository"), image, actions_for(request),
                       source_scope(request));
}

std::string quote(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

// Whoever asks for a token shows a key; everybody else is sent to get one.
std::string render_challenge(const http::Request& request) {
    const std::string& host = request.peer.host;
    const bool is_for_token = request.match.route != nullptr && request.match.route->pattern == token_path;
    if (host.empty() || is_for_token) return "Basic realm=\"lodestone\"";
    std::string challenge = fmt::format(
        "Bearer realm={},service={}",
        quote(fmt::format("{}://{}{}", request.peer.is_secure ? "https" : "http", host, token_path)),
        quote(host));
    if (const std::string scope = scope_for(request); !scope.empty()) challenge += ",scope=" + quote(scope);
    return challenge;
}

// The gate refuses a good token that lacks the scope with 403 (RFC 6750); clients of this protocol get
// another one only when they hear 401.
// https://distribution.github.io/distribution/spec/auth/token/
bool lacks_scope(const Problem& problem) {
    return problem.status() == 403 && std::ranges::any_of(problem.headers(), [](const auto& header) {
               return header.first == "WWW-Authenticate" &&
                      header.second.find("insufficient_scope") != header.second.npos;
           });
}

}  // namespace

http::Response render_problem(const Problem& problem, const http::Request& request) {
    const bool wants_scope = lacks_scope(problem);
    const int status = wants_scope ? 401 : problem.status();
    std::string body = R"({"errors":[{"code":")";
    body += code_of(problem, request, status);
    body += R"(","message":)";
    append_json_string(body, problem.detail());
    body += R"(,"detail":{"kind":)";
    append_json_string(body, problem.kind().title);
    body += R"(,"request_id":)";
    append_json_string(body, request.id);
    body += "}}]}\n";
    http::Response response = http::Response::json(status, std::move(body));
    response.headers.add("Cache-Control", "no-store");
    response.headers.add("Docker-Distribution-Api-Version", "registry/2.0");
    for (const auto& [name, value] : problem.headers()) response.headers.add(name, value);
    if (status == 401)
        response.headers.set("WWW-Authenticate", render_challenge(request) +
                                                     (wants_scope ? ",error=\"insufficient_scope\"" : ""));
    return response;
}

}  // namespace lodestone::formats::oci
