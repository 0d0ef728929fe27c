// The console's routes: its page by each of its addresses, and what the page needs.
#include "web/console.hpp"

#include <string>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "web/assets.hpp"

namespace lodestone::web {

namespace {

// Only our own files, nothing inline, nobody may frame us: a script that slips into the page's data has
// nowhere to run and nowhere to send to.
constexpr std::string_view content_security_policy =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

http::Response answer_with(const http::Request& request, const http::Asset& asset) {
    auto response = http::make_asset_response(request, asset);
    response.headers.set("Content-Security-Policy", content_security_policy);
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.headers.set("Cross-Origin-Opener-Policy", "same-origin");
    response.headers.set("Cross-Origin-Resource-Policy", "same-origin");
    return response;
}

Task<http::Response> show_page(Context&, http::Request& request) {
    const auto* page = find_asset("/");
    ensure(page != nullptr, "the build embeds the console's page");
    co_return answer_with(request, *page);
}

Task<http::Response> show_asset(Context&, http::Request& request) {
    const auto& file = request.parameter("file");
    const auto* asset = find_asset("/assets/" + file);
    if (asset == nullptr)
        throw Problem(
            problems::not_found,
            "The console has no file of this name; reload the page, it may be of an older version.");
    co_return answer_with(request, *asset);
}

constexpr http::RouteOptions same_origin_only{.allows_cross_origin = false};
constexpr http::Route routes[] = {
    {http::Method::get, "/", http::Access::open, show_page, same_origin_only},
    {http::Method::get, reset_page, http::Access::open, show_page, same_origin_only},
    {http::Method::get, "/assets/{file}", http::Access::open, show_asset, same_origin_only},
};

}  // namespace

const http::Asset* find_asset(std::string_view path) {
    for (const auto& asset : console_assets())
        if (asset.path == path) return &asset;
    return nullptr;
}

std::span<const http::Route> console_routes() {
    return routes;
}

}  // namespace lodestone::web
