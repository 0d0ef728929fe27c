// From where a tenant's people and programs are let in: the lists of addresses in its configuration.
#pragma once

#include <string_view>
#include <vector>

#include "http/message/network.hpp"

namespace lodestone::identity {

struct AddressRules {
    std::vector<http::Network> allowed;  // none: everywhere
    std::vector<http::Network> blocked;  // wins over what is allowed

    // The setting that keeps an address out, as Peer::address holds one; empty when nothing does.
    std::string_view find_refusal(std::string_view address) const;
};

}  // namespace lodestone::identity
