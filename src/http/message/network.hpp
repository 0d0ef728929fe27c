// IP addresses and networks: parsing, containment, and which ranges are nobody's public address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
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

// A number up to 65535 in plain digits; 0 too, which some mean as "any".
std::optional<std::uint16_t> parse_port(std::string_view text);

// What one customer of a provider has: an IPv4 address, or the whole /64 around an IPv6 one. Counting single
// IPv6 addresses would count nothing.
Address client_prefix(Address address);

struct Network {
    Address base;
    int prefix_bits = 128;  // counted in the 16-byte form
    bool is_unix = false;   // stands for peers on a Unix socket and contains no address
    // An IPv6 network never contains an IPv4 address, not even ::/0.
    bool contains(const Address& address) const;
};
// "10.0.0.0/8", "2001:db8::/32", a single address, or "unix". Bits set behind the prefix ("10.1.2.3/8") are
// refused: one of the two was mistyped.
std::optional<Network> parse_network(std::string_view text);

// `peer` as Peer::address holds it: an address, or "unix". Unix peers are in no network but "unix".
bool is_in_networks(std::string_view peer, std::span<const Network> networks);

// The IPv4 address to which a translator or relay delivers packets for this one: NAT64 (64:ff9b::/96) and
// 6to4 (2002::/16).
std::optional<Address> find_wrapped_v4(const Address& address);

// Loopback, private, link-local (cloud metadata!), shared, multicast, documentation, NAT64- and 6to4-wrapped
// versions of these, and everything else that IANA does not list as globally reachable. Anycast addresses
// that lead to the nearest NAT or relay (192.0.0.9, 192.88.99.0/24, 2001:1::1) count as not reachable too.
bool is_globally_reachable(const Address& address);

}  // namespace lodestone::http
