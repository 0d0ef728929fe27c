// Where a Redis is, and as whom we come: redis://user:password@host:6379/0, or rediss:// for TLS.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone::cache {

struct RedisUrl {
    bool is_tls = false;
    std::string host;  // an IPv6 address without its brackets
    std::uint16_t port = 6379;
    std::string user;      // empty: the default one
    std::string password;  // empty: none is sent
    std::uint32_t database = 0;

    friend bool operator==(const RedisUrl&, const RedisUrl&) = default;
};

// Nothing for another scheme, a path that is no database's number, a query, what is not escaped right, and a
// user without a password: Redis knows none.
std::optional<RedisUrl> parse_redis_url(std::string_view text);
// Without user and password: for logs.
std::string render_redis_place(const RedisUrl& url);

}  // namespace lodestone::cache
