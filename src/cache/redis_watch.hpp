// A connection of its own that SUBSCRIBEs to one channel. After each (re)connection an event without payload
// comes first: what was said meanwhile, nobody heard.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/change_watch.hpp"
#include "base/context.hpp"
#include "base/unique_fd.hpp"
#include "cache/redis_connection.hpp"
#include "cache/redis_state.hpp"

namespace lodestone::cache {

// The channel's name in Redis, where all databases share one space of names.
std::string name_channel(const RedisOptions& options, const std::string& channel);

class RedisWatch final : public ChangeWatch {
  public:
    // `options` and `state` outlive it.
    RedisWatch(const RedisOptions& options, const std::string& channel, ChangeCallback callback,
               RedisState& state, Context& context);
    ~RedisWatch() override { stop_thread(); }
    void stop() override { stop_thread(); }
    bool is_live() const override { return is_live_; }

  private:
    void run();
    Fault listen();
    std::optional<Fault> subscribe(RedisConnection& connection);
    std::optional<Fault> follow(RedisConnection& connection);
    bool take(const RespReply& reply);
    void set_live(bool is_live);
    void stop_thread();

    const RedisOptions& options_;
    const std::string channel_;
    const ChangeCallback callback_;
    RedisState& state_;
    Context& context_;
    const UniqueFd stop_event_;
    std::atomic<bool> is_live_{false};
    std::atomic<bool> is_stopping_{false};
    std::thread thread_;
};

}  // namespace lodestone::cache
