// Whether an answer leads elsewhere, and with what the next request goes there (RFC 9110 §15.4): pure rules,
// apart from the client that follows them.
#pragma once

#include <optional>
#include <string_view>

#include "base/limits.hpp"
#include "http/message/headers.hpp"
#include "http/message/method.hpp"
#include "http/message/url.hpp"

namespace lodestone::http {

struct RedirectPolicy {
    std::size_t max_hops = limits::upstream_redirects;  // 0: redirects are answers like any other
    bool is_same_origin_only = false;
    bool allows_body_elsewhere = false;  // 307 and 308 may take a body to another origin
};

// The request that was answered.
struct RedirectSource {
    const Url& url;
    Method method = Method::get;
    std::size_t hops = 0;         // redirects followed before it
    bool can_repeat_body = true;  // there is none, or it can be sent once more
    bool has_body = false;
};

struct RedirectPlan {
    std::optional<Url> url;  // none: not a redirect to follow
    Method method = Method::get;
    bool drops_body = false;
    bool is_elsewhere = false;  // another origin
    std::string_view fault;     // not empty: a redirect that must not be followed, and why ("redirected …")
};

RedirectPlan plan_redirect(const RedirectPolicy& policy, const RedirectSource& source, int status,
                           const ReceivedHeaders& headers);

// Keeps what says only which answer is wanted: Accept, Range, If-None-Match and the like. What another origin
// may not see cannot be listed, since every protocol has its own names for keys.
void keep_harmless(Headers& headers);

}  // namespace lodestone::http
