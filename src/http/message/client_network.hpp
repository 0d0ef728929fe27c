// Networks compared, and addresses as the clients that they count as.
#pragma once

#include <string>
#include <string_view>

#include "http/message/network.hpp"

namespace lodestone::http {

// Whether nobody is in `inner` who is not in `outer`.
bool is_within(const Network& inner, const Network& outer);

// The client_prefix() of what Peer::address holds; of what is no address, itself.
std::string client_of(std::string_view peer);

}  // namespace lodestone::http
