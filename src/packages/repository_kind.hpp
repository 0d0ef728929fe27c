// What kinds of repositories there are. Which of them a format can serve, it says itself
// (packages/format.hpp).
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>

namespace lodestone::packages {

// hosted: holds what is published to it; proxy: what it fetched from another registry; group: nothing of its
// own, it shows several as one.
enum class RepositoryKind : std::uint8_t { hosted, proxy, group };
BOOST_DESCRIBE_ENUM(RepositoryKind, hosted, proxy, group)

inline constexpr RepositoryKind hosted_only[] = {RepositoryKind::hosted};

}  // namespace lodestone::packages
