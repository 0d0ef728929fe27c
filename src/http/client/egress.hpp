// Where the program may connect to on somebody's behalf: the guard against server-side request forgery.
// Callers hand us URLs (upstreams, webhooks, probes, redirects of all of these); this policy decides on the
// scheme, the port and every address that a name resolves to, before a socket is opened.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message/network.hpp"

namespace lodestone::http {

struct EgressPolicy {
    // Loopback and private networks (RFC 1918, RFC 4193, RFC 6598) for everybody. Link-local and cloud
    // metadata addresses, multicast and reserved ranges stay closed: only allowed_networks opens them.
    bool allow_private = false;
    // Non-public networks that may be reached all the same.
    std::vector<Network> allowed_networks;
    // Hosts whose addresses an operator vouches for: private ones are accepted for these. "s3.internal", or
    // "*.internal" for the names below it. Lower case.
    std::vector<std::string> allowed_hosts;
    // Networks that may never be reached, public or not; they win over everything above. The address that a
    // NAT64 or 6to4 address leads to counts as well.
    std::vector<Network> denied_networks;
    // Empty: every port.
    std::vector<std::uint16_t> allowed_ports;
    // Unencrypted http.
    bool allow_plain = true;
};

struct EgressTarget {
    std::string_view host;  // lower case, an IPv6 literal without its brackets
    std::uint16_t port = 0;
    bool is_secure = false;
};

// Why a connection may not be made: a literal that follows "<host> …", empty when it may.
std::string_view find_egress_refusal(const EgressPolicy& policy, const EgressTarget& target);

// The same for what the host resolved to. One forbidden address refuses the whole name, even beside public
// ones: a name that answers both is either a mistake or an attempt at DNS rebinding.
std::string_view find_egress_refusal(const EgressPolicy& policy, const EgressTarget& target,
                                     std::span<const Address> addresses);

}  // namespace lodestone::http
