// Whose the descriptors are that the process may open.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lodestone::app {

// A connection takes one, and whoever sends or fetches a file over it another one: the file, or a connection
// to the store that keeps it.
struct DescriptorShares {
    std::size_t connections = 0;
    std::size_t files = 0;
};

// Connections get as many as are wanted, and two thirds at most of what listeners, the database and the log
// leave; files get the rest.
DescriptorShares share_descriptors(std::uint64_t descriptors, std::size_t wanted_connections);
// Of those that this process may open.
DescriptorShares share_descriptors(std::size_t wanted_connections);

}  // namespace lodestone::app
