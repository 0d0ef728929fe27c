// The shares, of what the kernel allows.
#include "app/serving/descriptor_shares.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "base/limits.hpp"

namespace lodestone::app {

DescriptorShares share_descriptors(std::uint64_t descriptors, std::size_t wanted_connections) {
    const std::uint64_t left =
        descriptors - std::min<std::uint64_t>(limits::other_descriptors, descriptors / 2);
    const std::uint64_t connections = std::min<std::uint64_t>(wanted_connections, left - left / 3);
    return {.connections = connections, .files = left - connections};
}

DescriptorShares share_descriptors(std::size_t wanted_connections) {
    rlimit limit{};
    // Who cannot ask is bound by nothing that could be known.
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return {.connections = wanted_connections, .files = wanted_connections};
    return share_descriptors(limit.rlim_cur, wanted_connections);
}

}  // namespace lodestone::app
