// PUBLISHes what is to be told to other nodes, on a thread that nobody waits for. What cannot be sent waits,
// each change once, and goes out when Redis is back.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "base/context.hpp"
#include "base/unique_fd.hpp"
#include "cache/redis_connection.hpp"
#include "cache/redis_state.hpp"

namespace lodestone::cache {

class RedisTeller {
  public:
    // `options` and `state` outlive it. Connects with the first that is to be told.
    RedisTeller(const RedisOptions& options, RedisState& state, Context& context);
    ~RedisTeller() { stop(); }
    RedisTeller(const RedisTeller&) = delete;
    RedisTeller& operator=(const RedisTeller&) = delete;

    void tell(const std::string& channel, const std::string& payload);
    // Lets what waits go out, for limits::redis_farewell at most. What is told later is lost.
    void stop();

  private:
    // A channel and a payload. Without an order: each makes others look again, whatever came before.
    using Changes = std::set<std::pair<std::string, std::string>>;
    using Lock = std::unique_lock<std::mutex>;

    void run();
    void add(Changes::value_type change);
    std::optional<Fault> send(const Changes& changes);
    std::optional<Fault> publish(const Changes& changes);
    void note_failure(const Fault& fault);

    const RedisOptions& options_;
    RedisState& state_;
    Context& context_;
    const UniqueFd stop_event_;
    std::optional<RedisConnection> connection_;  // the thread's
    SaidOnce said_;                              // as well

    std::mutex mutex_;
    std::condition_variable changed_;  // something is to be told, or it is time to stop
    std::condition_variable told_;     // nothing is left
    Changes waiting_;
    bool is_sending_ = false;
    bool is_over_ = false;
    std::thread thread_;
};

}  // namespace lodestone::cache
