// The addresses of Redis' host, with an end to the wait: getaddrinfo(3) has none and cannot be called off, so
// it runs on a thread that may outlive whoever asked.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace lodestone::cache {

struct RedisAddress {
    int family = 0;
    std::string name;  // the bytes that connect(2) takes
};

struct RedisAddresses {
    std::vector<RedisAddress> found;
    std::string fault;  // a sentence; empty when it went well
};

// Blocks for as long as the system's resolver wants to.
RedisAddresses look_up_redis(const std::string& host, std::uint16_t port);

class RedisLookup {
  public:
    using Ask = std::function<RedisAddresses(const std::string& host, std::uint16_t port)>;
    // Tests have names of their own.
    explicit RedisLookup(Ask ask = look_up_redis);
    // `stop`, an eventfd, calls it off when it becomes readable. Of those that do not end only a few are
    // begun.
    RedisAddresses find(const std::string& host, std::uint16_t port, const Clock& clock, SteadyTime until,
                        int stop);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace lodestone::cache
