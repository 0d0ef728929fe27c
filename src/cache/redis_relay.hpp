// Redis between the nodes: what one of them changed, the others hear within moments, also where the database
// cannot tell them. Never required: while it is away, everything works, and what others changed shows when
// what is kept in memory has grown old (docs/adr/0017-redis.md).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/change_watch.hpp"
#include "cache/redis_connection.hpp"
#include "cache/redis_state.hpp"
#include "cache/redis_teller.hpp"

namespace lodestone::cache {

class RedisRelay final : public ChangeRelay {
  public:
    // Waits for nothing: it connects when there is something to tell or to hear.
    RedisRelay(RedisOptions options, Context& context);
    ~RedisRelay() override { stop(); }

    void tell(const std::string& channel, const std::string& payload) noexcept override {
        teller_.tell(channel, payload);
    }
    // Before this relay it ends.
    std::unique_ptr<ChangeWatch> watch(const std::string& channel, ChangeCallback callback) override;
    // What is to be told gets a moment to go out.
    void stop() { teller_.stop(); }

    // One sentence while changes are not told, or not heard.
    std::optional<std::string> find_fault() const;
    std::string render_report() const;

  private:
    const RedisOptions options_;
    Context& context_;
    RedisState state_;
    RedisTeller teller_;
};

}  // namespace lodestone::cache
