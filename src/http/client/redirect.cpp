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
    plan.drops_credentials = !has_same_origin(source.url, *plan.url);
    if (plan.drops_credentials && policy.is_same_origin_only)
        return refuse("redirected to another host, which is not allowed here");

    plan.drops_body = becomes_get(status, source.method);
    plan.method = plan.drops_body ? Method::get : source.method;
    if (!plan.drops_body && !source.can_repeat_body)
        return refuse("redirected an upload that cannot be sent a second time");
    return plan;
}

void drop_credentials(Headers& headers, std::span<const std::string> sensitive) {
    constexpr std::array<std::string_view, 6> always{
        "Authorization", "Proxy-Authorization", "Cookie", "Cookie2", "X-API-Key", "X-NuGet-ApiKey"};
    for (const auto name : always) headers.remove(name);
    for (const auto& name : sensitive) headers.remove(name);
}

}  // namespace lodestone::http
