// Puts the two directions together, and says how they do.
#include "cache/redis_relay.hpp"

#include "base/random.hpp"
#include "cache/redis_watch.hpp"

namespace lodestone::cache {

namespace {

// Not by the context's chance: nodes that are seeded alike, as in tests, must differ.
RedisOptions named(RedisOptions options) {
    if (options.node.empty()) options.node = SystemRandom().next_hex(8);
    return options;
}

}  // namespace

RedisRelay::RedisRelay(RedisOptions options, Context& context)
    : options_(named(std::move(options))),
      context_(context),
      state_(context.metrics),
      teller_(options_, state_, context) {
    context.metrics.add_reader("lodestone_redis_connected", "1 while changes are told and heard by Redis.",
                               Metrics::ReadAs::gauge, [this] { return find_fault() ? 0.0 : 1.0; });
}

std::unique_ptr<ChangeWatch> RedisRelay::watch(const std::string& channel, ChangeCallback callback) {
    return std::make_unique<RedisWatch>(options_, channel, std::move(callback), state_, context_);
}

std::optional<std::string> RedisRelay::find_fault() const {
    if (state_.live_watches < state_.wanted_watches) return "what other nodes change is not heard by Redis";
    if (!state_.can_tell) return "what this node changes is not told by Redis";
    return std::nullopt;
}

std::string RedisRelay::render_report() const {
    return std::string(R"({"connected":)") + (find_fault() ? "false" : "true") + R"(,"waiting":)" +
           std::to_string(state_.waiting.value()) + "}";
}

}  // namespace lodestone::cache
