// Limits on what waits to be published: how much of it, and for how long.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

inline constexpr auto staged_lifetime = 30 * 24h;  // then it goes by itself
inline constexpr std::int64_t staged_per_repository = 1'000;
inline constexpr std::int64_t staged_per_package = 100;
inline constexpr std::size_t staged_content_bytes = 8 * mib;  // what is kept of one besides its files
inline constexpr std::int64_t ended_staged = 50;              // that go in one transaction

}  // namespace lodestone::limits
