// A connection to Redis as bytes, plain or TLS, with an end to every wait. On a thread that may block; what
// fails comes back as a sentence.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "cache/redis_lookup.hpp"
#include "cache/redis_url.hpp"

namespace lodestone::cache {

using Fault = std::string;

class RedisSocket {
  public:
    // `stop`, an eventfd, calls everything off when it becomes readable. Both outlive it.
    RedisSocket(const Clock& clock, int stop) : clock_(clock), stop_(stop) {}
    RedisSocket(const RedisSocket&) = delete;
    RedisSocket& operator=(const RedisSocket&) = delete;

    // One after the other the addresses of the host; each has limits::redis_connect_timeout, and so has
    // finding them. `ca_file`: more authorities beside the system's; empty: none.
    std::optional<Fault> connect(const RedisUrl& url, const std::string& ca_file, RedisLookup& lookup);
    std::optional<Fault> send(std::string_view bytes, SteadyTime until);
    // Adds what comes to `out`; nothing is added and nothing is wrong when it was too late, or called off.
    std::optional<Fault> receive(std::string& out, SteadyTime until);

  private:
    enum class Wanted : std::uint8_t { reading, writing };
    std::optional<Fault> begin_tls(const RedisUrl& url, const std::string& ca_file, SteadyTime until);
    bool wait(Wanted wanted, SteadyTime until) const;
    // For a call of OpenSSL that did not succeed: what it waits for; nothing when it failed for good.
    std::optional<Wanted> wanted_by_tls(int result) const;

    const Clock& clock_;
    const int stop_;
    UniqueFd socket_;
    std::shared_ptr<SSL> tls_;  // after the socket: unmade before it is closed
};

}  // namespace lodestone::cache
