// IP addresses and networks, and IANA's special-purpose registries as a table.
// https://www.iana.org/assignments/iana-ipv4-special-registry/
// https://www.iana.org/assignments/iana-ipv6-special-registry/
#include "http/message/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <vector>

#include "base/ensure.hpp"

namespace lodestone::http {

namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int mapped_bits = 96;
constexpr std::string_view unix_name = "unix";

Address make_v4(const std::uint8_t* four_bytes) {
    Address address;
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
    std::copy(four_bytes, four_bytes + 4, address.bytes.begin() + 12);
    return address;
}

bool is_same_prefix(const Address& a, const Address& b, int bits) {
    const auto whole_bytes = static_cast<std::size_t>(bits / 8);
    if (!std::equal(a.bytes.begin(), a.bytes.begin() + whole_bytes, b.bytes.begin())) return false;
    if (bits % 8 == 0) return true;
    return ((a.bytes[whole_bytes] ^ b.bytes[whole_bytes]) >> (8 - bits % 8)) == 0;
}

bool has_bits_behind(const Address& address, int prefix_bits) {
    for (int bit = prefix_bits; bit < 128; ++bit)
        if ((address.bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8)) & 1) return true;
    return false;
}

std::optional<int> parse_prefix(std::string_view text, int most) {
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    int bits = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        bits = bits * 10 + (c - '0');
    }
    if (bits > most) return std::nullopt;
    return bits;
}

struct Special {
    std::string_view network;
    bool is_reachable;
};

// The first line that fits decides, so exceptions stand before the block they are cut from. IPv6 outside
// 2000::/3 (::1, fc00::/7, fe80::/10, ff00::/8, 100::/64, 5f00::/16, 64:ff9b:1::/48 …) needs no lines: IANA
// hands out no public address there.
constexpr Special specials[] = {
    {"0.0.0.0/8", false},        // this network
    {"10.0.0.0/8", false},       // private
    {"100.64.0.0/10", false},    // shared, behind carriers' NAT
    {"127.0.0.0/8", false},      // loopback
    {"169.254.0.0/16", false},   // link-local, the clouds' metadata servers
    {"172.16.0.0/12", false},    // private
    {"192.0.0.0/24", false},     // protocol assignments
    {"192.0.2.0/24", false},     // documentation
    {"192.88.99.0/24", false},   // 6to4 relay anycast, withdrawn
    {"192.168.0.0/16", false},   // private
    {"198.18.0.0/15", false},    // benchmarking
    {"198.51.100.0/24", false},  // documentation
    {"203.0.113.0/24", false},   // documentation
    {"224.0.0.0/4", false},      // multicast
    {"240.0.0.0/4", false},      // reserved, and the broadcast address
    {"2001:3::/32", true},       // AMT
    {"2001:4:112::/48", true},   // AS112
    {"2001:20::/28", true},      // ORCHIDv2
    {"2001:30::/28", true},      // drone identifiers
    {"2001::/23", false},        // protocol assignments: Teredo, benchmarking, ORCHID, anycast …
    {"2001:db8::/32", false},    // documentation
    {"3fff::/20", false},        // documentation
};

struct ParsedSpecial {
    Network network;
    bool is_reachable;
};

const std::vector<ParsedSpecial>& parsed_specials() {
    static const std::vector<ParsedSpecial> parsed = [] {
        std::vector<ParsedSpecial> list;
        for (const Special& special : specials) {
            const auto network = parse_network(special.network);
            ensure(network.has_value(), "a special-purpose network does not parse");
            list.push_back({*network, special.is_reachable});
        }
        return list;
    }();
    return parsed;
}

bool is_prefix(const Address& address, std::initializer_list<std::uint8_t> bytes) {
    return std::equal(bytes.begin(), bytes.end(), address.bytes.begin());
}

}  // namespace

bool Address::is_v4() const {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin());
}

Address client_prefix(Address address) {
    if (!address.is_v4()) std::fill(address.bytes.begin() + 8, address.bytes.end(), std::uint8_t{0});
    return address;
}

std::string Address::to_text() const {
    char text[INET6_ADDRSTRLEN] = {};
    const bool v4 = is_v4();
    const char* written = ::inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data() + (v4 ? mapped_prefix.size() : 0),
                                      text, sizeof text);
    ensure(written != nullptr, "an address does not fit its own text");
    return text;
}

std::optional<Address> parse_address(std::string_view text) {
    const bool has_brackets = text.size() >= 2 && text.front() == '[' && text.back() == ']';
    if (has_brackets) text = text.substr(1, text.size() - 2);
    // inet_pton wants a terminated string and would stop at a NUL inside.
    char buffer[INET6_ADDRSTRLEN] = {};
    if (text.size() >= sizeof buffer || text.find('\0') != std::string_view::npos) return std::nullopt;
    std::copy(text.begin(), text.end(), buffer);
    Address address;
    if (::inet_pton(AF_INET6, buffer, address.bytes.data()) == 1) return address;
    std::uint8_t four[4];
    if (has_brackets || ::inet_pton(AF_INET, buffer, four) != 1) return std::nullopt;
    return make_v4(four);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    constexpr std::size_t most_digits = 5;
    if (text.empty() || text.size() > most_digits || (text.size() > 1 && text.front() == '0'))
        return std::nullopt;
    std::uint32_t port = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        port = port * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (port > 65'535) return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

bool Network::contains(const Address& address) const {
    if (is_unix || (address.is_v4() && prefix_bits < mapped_bits)) return false;
    return is_same_prefix(base, address, prefix_bits);
}

std::optional<Network> parse_network(std::string_view text) {
    if (text == unix_name) return Network{{}, 128, true};
    const auto slash = text.find('/');
    const auto base = parse_address(text.substr(0, slash));
    if (!base) return std::nullopt;
    if (slash == std::string_view::npos) return Network{*base, 128};
    const bool is_dotted = text.find(':') == std::string_view::npos;
    const auto prefix = parse_prefix(text.substr(slash + 1), is_dotted ? 32 : 128);
    if (!prefix) return std::nullopt;
    const int bits = is_dotted ? mapped_bits + *prefix : *prefix;
    if (has_bits_behind(*base, bits)) return std::nullopt;
    return Network{*base, bits};
}

bool is_in_networks(std::string_view peer, std::span<const Network> networks) {
    if (networks.empty()) return false;
    if (peer == unix_name)
        return std::any_of(networks.begin(), networks.end(), [](const Network& n) { return n.is_unix; });
    const auto address = parse_address(peer);
    return address && std::any_of(networks.begin(), networks.end(),
                                  [&](const Network& n) { return n.contains(*address); });
}

std::optional<Address> find_wrapped_v4(const Address& address) {
    if (is_prefix(address, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) return make_v4(&address.bytes[12]);
    if (is_prefix(address, {0x20, 0x02})) return make_v4(&address.bytes[2]);
    return std::nullopt;
}

bool is_globally_reachable(const Address& address) {
    if (const auto wrapped = find_wrapped_v4(address)) return is_globally_reachable(*wrapped);
    if (!address.is_v4() && (address.bytes[0] & 0xe0) != 0x20) return false;
    for (const auto& [network, is_reachable] : parsed_specials())
        if (network.contains(address)) return is_reachable;
    return true;
}

}  // namespace lodestone::http
