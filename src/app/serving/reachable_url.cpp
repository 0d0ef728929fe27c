// Listeners write their own URLs, so the address stands right behind the scheme, in one spelling.
#include "app/serving/reachable_url.hpp"

#include <utility>

namespace lodestone::app {

std::string reachable_url(std::string_view listening_url) {
    static constexpr std::pair<std::string_view, std::string_view> stand_ins[] = {
        {"://0.0.0.0", "://127.0.0.1"}, {"://[::]", "://[::1]"}};
    std::string url(listening_url);
    for (const auto& [any, own] : stand_ins)
        if (const auto at = url.find(any); at != std::string::npos) url.replace(at, any.size(), own);
    return url;
}

}  // namespace lodestone::app
