// Two lists of networks; the one that forbids comes first.
#include "identity/rules/address_rules.hpp"

namespace lodestone::identity {

std::string_view AddressRules::find_refusal(std::string_view address) const {
    if (http::is_in_networks(address, blocked)) return "config.security.blocked_ips";
    if (!allowed.empty() && !http::is_in_networks(address, allowed)) return "config.security.allowed_ips";
    return {};
}

}  // namespace lodestone::identity
