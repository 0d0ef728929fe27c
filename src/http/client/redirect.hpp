// Whether an answer leads elsewhere, and with what the next request goes there (RFC 9110 §15.4): pure rules,
// apart from the client that follows them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "http/message/headers.hpp"
#include "http/message/method.hpp"
#include "http/message/url.hpp"

namespace lodestone::http {

struct RedirectPolicy {
    std::size_t max_hops = limits::upstream_redirects;  // 0: redirects are answers like any other
    bool is_same_origin_only = false;
};

// The request that was answered.
struct RedirectSource {
    const Url& url;
    Method method = Method::get;
    std::size_t hops = 0;         // redirects followed before it
    bool can_repeat_body = true;  // there is none, or it can be sent once more
};

struct RedirectPlan {
    std::optional<Url> url;  // none: not a redirect to follow
    Method method = Method::get;
    bool drops_body = false;
    bool drops_credentials = false;
    std::string_view fault;  // not empty: a redirect that must not be followed, and why ("redirected …")
};

RedirectPlan plan_redirect(const RedirectPolicy& policy, const RedirectSource& source, int status,
                           const ReceivedHeaders& headers);

// Removes what only the first origin may see: Authorization, Cookie, API keys and the headers named besides.
void drop_credentials(Headers& headers, std::span<const std::string> sensitive);

}  // namespace lodestone::http
