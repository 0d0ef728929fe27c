// IP addresses and networks: parsing, containment, and which ranges are nobody's public address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone::http {

// Always 16 bytes; IPv4 is kept as ::ffff:a.b.c.d so that one comparison serves both.
struct Address {
    std::array<std::uint8_t, 16> bytes{};
    bool is_v4() const;
    std::string to_text() const;
    friend bool operator==(const Address&, const Address&) = default;
};
// "192.0.2.1", "2001:db8::1", "[2001:db8::1]"; no zone, no port, no octal or short forms.
std::optional<Address> parse_address(std::string_view text);

struct Network {
    Address base;
    int prefix_bits = 128;  // counted in the 16-byte form
    bool contains(const Address& address) const;
};
// "10.0.0.0/8", "2001:db8::/32", or a single address.
std::optional<Network> parse_network(std::string_view text);

// Loopback, private, link-local (cloud metadata!), shared, multicast, documentation, NAT64- and 6to4-wrapped
// versions of these, and everything else that IANA does not list as globally reachable.
bool is_globally_reachable(const Address& address);

}  // namespace lodestone::http
