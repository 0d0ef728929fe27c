// CORS: which pages of other origins a browser lets read our answers.
// https://fetch.spec.whatwg.org/#cors-protocol Only configured origins are ever named in an answer; with none
// configured no header is sent at all.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message/headers.hpp"
#include "http/message/method.hpp"

namespace lodestone::http {

struct CorsPolicy {
    // As browsers send them, "https://console.example:8443", compared byte for byte; or "*" alone.
    std::vector<std::string> allowed_origins = {};
    bool allow_credentials = false;     // has no effect with "*"
    std::chrono::seconds max_age{600};  // how long a browser may remember a preflight

    bool allows_any_origin() const;
};

// One sentence about what is wrong with a configured policy; nullopt for a good one.
std::optional<std::string> find_cors_fault(const CorsPolicy& policy);

struct CorsRequest {
    std::optional<std::string_view> origin = {};             // Origin
    std::optional<std::string_view> requested_method = {};   // Access-Control-Request-Method
    std::optional<std::string_view> requested_headers = {};  // Access-Control-Request-Headers
};

// A field that stands twice counts as absent.
CorsRequest parse_cors_request(const ReceivedHeaders& headers);
bool is_preflight(Method method, const CorsRequest& request);

// For the answer to a preflight (204, without a body), of a path that takes `allowed_methods`.
Headers render_preflight_headers(const CorsPolicy& policy, const CorsRequest& request,
                                 std::span<const Method> allowed_methods);
// For every other answer, errors too: append() them to its own. Sent even without an Origin where the answer
// to one would differ, or a shared cache would give it to the wrong page.
Headers render_cors_headers(const CorsPolicy& policy, const CorsRequest& request);

}  // namespace lodestone::http
