// The generic cell rate algorithm: one time for each name. Who has used nothing lately need not be
// remembered, and is what gets forgotten when memory runs short; if there is nobody like that, everybody is
// busy, and newcomers share one place rather than the old ones being forgotten or the limit with them.
#include "base/turnstile.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace lodestone {

namespace {

const std::string newcomers;  // empty, as nobody's name is

}  // namespace

// Looking through all of them takes long enough that a flood of newcomers must not cause it each time.
bool Turnstile::has_room(Shard& shard, SteadyTime now) const {
    const std::size_t share = limits::rate_limited_clients / shards_.size();
    if (shard.even_at.size() >= share && now >= shard.may_forget_at) {
        std::erase_if(shard.even_at, [&](const auto& entry) { return entry.second <= now; });
        shard.may_forget_at = now + std::chrono::seconds(1);
    }
    return shard.even_at.size() < share;
}

std::optional<std::chrono::seconds> Turnstile::pass(std::string_view name, const Pace& pace, SteadyTime now) {
    if (pace.interval.count() == 0) return std::nullopt;
    const std::string key(name);
    Shard& shard = shards_[std::hash<std::string>{}(key) % shards_.size()];
    const std::lock_guard lock(shard.mutex);
    auto entry = shard.even_at.find(key);
    if (entry == shard.even_at.end())
        entry = shard.even_at.try_emplace(has_room(shard, now) ? key : newcomers, now).first;
    const SteadyTime even_at = std::max(entry->second, now) + pace.interval;
    const auto beyond = even_at - now - pace.interval * pace.burst;
    if (beyond.count() > 0) return std::chrono::ceil<std::chrono::seconds>(beyond);
    entry->second = even_at;
    return std::nullopt;
}

}  // namespace lodestone
