// Which CORS headers an answer carries.
#include "http/message/cors.hpp"

#include <algorithm>

namespace lodestone::http {

namespace {

constexpr std::string_view exposed_headers = "ETag, Location, Retry-After, X-Request-Id, Link";

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._:[]").find(c) != std::string_view::npos;
}

// As a browser writes it: lower case, and no path. A default port written out would never match, but harms
// nobody.
bool is_origin(std::string_view text) {
    const std::size_t scheme_size = text.starts_with("http://") ? 7 : text.starts_with("https://") ? 8 : 0;
    if (scheme_size == 0) return false;
    const std::string_view host = text.substr(scheme_size);
    return !host.empty() && std::all_of(host.begin(), host.end(), is_host_character);
}

// What Access-Control-Allow-Origin says; empty when this origin is not to be let in.
std::string_view find_allowed_origin(const CorsPolicy& policy, const CorsRequest& request) {
    if (!request.origin) return {};
    if (policy.allows_any_origin()) return "*";
    const auto& origins = policy.allowed_origins;
    const auto at = std::find(origins.begin(), origins.end(), *request.origin);
    // Ours, not the request's: nothing is reflected. Only origins in due form may be named, so neither "*"
    // beside others nor "null" lets anybody in, even where nobody checked the configuration.
    return at != origins.end() && is_origin(*at) ? std::string_view(*at) : std::string_view();
}

void add_origin(const CorsPolicy& policy, std::string_view origin, Headers& headers) {
    headers.add("Access-Control-Allow-Origin", origin);
    if (policy.allow_credentials && origin != "*") headers.add("Access-Control-Allow-Credentials", "true");
}

std::string join_methods(std::span<const Method> methods) {
    std::string text;
    for (const Method method : methods) {
        if (!text.empty()) text += ", ";
        text += method_name(method);
    }
    return text;
}

// The requested names that are names. All are allowed: who may do what is decided by the key in
// Authorization, which no page has unless somebody gave it one, and never by a header's being hard to send.
std::string join_header_names(std::string_view requested) {
    std::string text;
    for (const std::string_view name : split_list(requested)) {
        if (!is_token(name)) continue;
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

std::optional<std::string_view> find_single(const ReceivedHeaders& headers, std::string_view name) {
    const auto value = headers.find(name);
    return value && headers.count(name) == 1 ? value : std::nullopt;
}

}  // namespace

bool CorsPolicy::allows_any_origin() const {
    return allowed_origins.size() == 1 && allowed_origins.front() == "*";
}

std::optional<std::string> find_cors_fault(const CorsPolicy& policy) {
    if (policy.max_age.count() < 0) return "The time a browser may remember a preflight is negative.";
    if (policy.allows_any_origin()) {
        if (policy.allow_credentials)
            return "Credentials are only for origins that are listed, not for \"*\".";
        return std::nullopt;
    }
    for (const std::string& origin : policy.allowed_origins) {
        if (origin == "*") return "The origin \"*\" stands beside others; it must stand alone.";
        if (!is_origin(origin))
            return "\"" + origin + "\" is not an origin such as https://console.example: in lower case, " +
                   "without a path or a final slash.";
    }
    return std::nullopt;
}

CorsRequest parse_cors_request(const ReceivedHeaders& headers) {
    CorsRequest request;
    request.origin = find_single(headers, "Origin");
    if (!request.origin) return request;  // without one the others mean nothing
    request.requested_method = find_single(headers, "Access-Control-Request-Method");
    request.requested_headers = find_single(headers, "Access-Control-Request-Headers");
    return request;
}

bool is_preflight(Method method, const CorsRequest& request) {
    return method == Method::options && request.origin && request.requested_method;
}

Headers render_preflight_headers(const CorsPolicy& policy, const CorsRequest& request,
                                 std::span<const Method> allowed_methods) {
    Headers headers;
    if (policy.allowed_origins.empty()) return headers;
    headers.add("Vary", policy.allows_any_origin() ? "Access-Control-Request-Headers"
                                                   : "Origin, Access-Control-Request-Headers");
    const std::string_view origin = find_allowed_origin(policy, request);
    if (origin.empty()) return headers;
    add_origin(policy, origin, headers);
    headers.add("Access-Control-Allow-Methods", join_methods(allowed_methods));
    if (const std::string names = join_header_names(request.requested_headers.value_or("")); !names.empty())
        headers.add("Access-Control-Allow-Headers", names);
    headers.add("Access-Control-Max-Age", std::to_string(policy.max_age.count()));
    return headers;
}

Headers render_cors_headers(const CorsPolicy& policy, const CorsRequest& request) {
    Headers headers;
    if (policy.allowed_origins.empty()) return headers;
    if (!policy.allows_any_origin()) headers.add("Vary", "Origin");
    const std::string_view origin = find_allowed_origin(policy, request);
    if (origin.empty()) return headers;
    add_origin(policy, origin, headers);
    headers.add("Access-Control-Expose-Headers", exposed_headers);
    return headers;
}

}  // namespace lodestone::http
