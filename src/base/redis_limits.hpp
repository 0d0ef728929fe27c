// Limits on what is asked of Redis, and on what it may answer.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

inline constexpr std::size_t redis_url_bytes = 4 * kib;
inline constexpr std::uint64_t redis_database_most = 9'999;
inline constexpr std::size_t redis_reply_bytes = 64 * kib;  // of one reply, all of it
inline constexpr std::size_t redis_reply_items = 16;        // of one array: a message has three
inline constexpr std::size_t redis_fault_bytes = 200;       // of its own words, when they are logged
inline constexpr auto redis_connect_timeout = 2s;           // for each address, TLS and password included
inline constexpr auto redis_answer_timeout = 1s;
inline constexpr std::size_t redis_lookups = 4;  // of its host, begun and not ended
inline constexpr auto redis_ping_after = 2s;  // a connection on which nothing comes is asked whether it lives
inline constexpr auto redis_retry_least = 50ms;  // while it is away
inline constexpr auto redis_retry_most = 1s;
inline constexpr std::size_t redis_waiting =
    1'000;                                  // changes to be told; more become one "anything may have"
inline constexpr auto redis_farewell = 1s;  // for what is to be told when we stop

}  // namespace lodestone::limits
