// Token buckets. A full bucket says nothing about its client, so it is what gets forgotten when memory runs
// short; if none is full, everybody is busy, and newcomers share one bucket rather than the old ones being
// forgotten or the limit with them.
#include "app/serving/rate_limiter.hpp"

#include <algorithm>
#include <cmath>

#include "base/limits.hpp"
#include "http/message/network.hpp"

namespace lodestone::app {

namespace {

const std::string newcomers_key;  // empty, as no client's is

std::string bucket_key(std::string_view client) {
    const auto address = http::parse_address(client);
    return address ? http::client_prefix(*address).to_text() : std::string(client);
}

}  // namespace

RateLimiter::RateLimiter(std::uint64_t requests_per_second, std::uint64_t burst) {
    change(requests_per_second, burst);
}

void RateLimiter::change(std::uint64_t requests_per_second, std::uint64_t burst) {
    rate_.store(static_cast<double>(requests_per_second));
    burst_.store(static_cast<double>(burst == 0 ? requests_per_second : burst));
}

double RateLimiter::refilled(const Bucket& bucket, SteadyTime now) const {
    const std::chrono::duration<double> passed = now - bucket.filled;
    return std::min(burst_.load(), bucket.tokens + passed.count() * rate_.load());
}

// Looking through all buckets takes long enough that a flood of newcomers must not cause it each time.
bool RateLimiter::has_room(Shard& shard, SteadyTime now) const {
    const std::size_t share = limits::rate_limited_clients / shards_.size();
    if (shard.buckets.size() >= share && now >= shard.may_forget_at) {
        std::erase_if(shard.buckets,
                      [&](const auto& entry) { return refilled(entry.second, now) >= burst_; });
        shard.may_forget_at = now + std::chrono::seconds(1);
    }
    return shard.buckets.size() < share;
}

std::optional<std::chrono::seconds> RateLimiter::take(std::string_view client, SteadyTime now) {
    const double rate = rate_.load();
    if (rate == 0) return std::nullopt;
    const std::string key = bucket_key(client);
    Shard& shard = shards_[std::hash<std::string>{}(key) % shards_.size()];
    const std::lock_guard lock(shard.mutex);
    auto entry = shard.buckets.find(key);
    if (entry == shard.buckets.end()) {
        const std::string& own_key = has_room(shard, now) ? key : newcomers_key;
        entry = shard.buckets.try_emplace(own_key, Bucket{burst_, now}).first;
    }
    Bucket& bucket = entry->second;
    bucket.tokens = refilled(bucket, now);
    bucket.filled = now;
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return std::nullopt;
    }
    return std::chrono::seconds(static_cast<std::int64_t>(std::ceil((1 - bucket.tokens) / rate)));
}

}  // namespace lodestone::app
