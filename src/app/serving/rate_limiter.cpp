// A client's name at the turnstile, and the pace as the settings have it.
#include "app/serving/rate_limiter.hpp"

#include "http/message/network.hpp"

namespace lodestone::app {

namespace {

std::string name_of(std::string_view client) {
    const auto address = http::parse_address(client);
    return address ? http::client_prefix(*address).to_text() : std::string(client);
}

}  // namespace

RateLimiter::RateLimiter(std::uint64_t requests_per_second, std::uint64_t burst) {
    change(requests_per_second, burst);
}

void RateLimiter::change(std::uint64_t requests_per_second, std::uint64_t burst) {
    rate_.store(requests_per_second);
    burst_.store(burst == 0 ? requests_per_second : burst);
}

std::optional<std::chrono::seconds> RateLimiter::take(std::string_view client, SteadyTime now) {
    const std::uint64_t rate = rate_.load();
    if (rate == 0) return std::nullopt;
    const Pace pace{
        .interval = std::chrono::nanoseconds(std::chrono::seconds(1)) / static_cast<std::int64_t>(rate),
        .burst = static_cast<std::int64_t>(burst_.load())};
    return turnstile_.pass(name_of(client), pace, now);
}

}  // namespace lodestone::app
