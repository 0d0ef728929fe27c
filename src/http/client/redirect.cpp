// The redirect rules, in the order in which they are asked.
#include "http/client/redirect.hpp"

#include <array>

namespace lodestone::http {
namespace {

RedirectPlan refuse(std::string_view fault) {
    RedirectPlan plan;
    plan.fault = fault;
    return plan;
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// 303 always asks for a GET; POST after 301 and 302 becomes one because every client does it (§15.4.2).
bool becomes_get(int status, Method method) {
    if (method == Method::head) return false;
    return status == 303 || (status < 303 && method == Method::post);
}

}  // namespace

RedirectPlan plan_redirect(const RedirectPolicy& policy, const RedirectSource& source, int status,
                           const ReceivedHeaders& headers) {
    const auto location = headers.find("location");
    if (!is_redirect(status) || !location || policy.max_hops == 0) return {};
    if (headers.count("location") > 1) return refuse("redirected to several places at once");
    if (source.hops >= policy.max_hops) return refuse("redirected too often");

    RedirectPlan plan;
    auto target = resolve_reference(source.url, *location);
    if (!target.url) return refuse("redirected to something that is no usable URL");
    plan.url = std::move(target.url);
    if (source.url.is_secure() && !plan.url->is_secure()) return refuse("redirected from https to http");
    plan.is_elsewhere = !has_same_origin(source.url, *plan.url);
    if (plan.is_elsewhere && policy.is_same_origin_only)
        return refuse("redirected to another host, which is not allowed here");

    plan.drops_body = becomes_get(status, source.method);
    plan.method = plan.drops_body ? Method::get : source.method;
    if (!plan.drops_body && !source.can_repeat_body)
        return refuse("redirected an upload that cannot be sent a second time");
    const bool takes_body_along = source.has_body && !plan.drops_body;
    if (plan.is_elsewhere && takes_body_along && !policy.allows_body_elsewhere)
        return refuse("redirected an upload to another host, which is not allowed here");
    return plan;
}

void keep_harmless(Headers& headers) {
    constexpr std::array<std::string_view, 13> harmless{
        "Accept",       "Accept-Charset",   "Accept-Encoding", "Accept-Language",   "User-Agent",
        "Range",        "If-Range",         "If-None-Match",   "If-Modified-Since", "If-Match",
        "Content-Type", "Content-Encoding", "Content-Language"};
    headers.keep_only(harmless);
}

}  // namespace lodestone::http
