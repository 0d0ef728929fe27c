// The decision whether an address may be connected to; pure, so that it can be tested as a table.
#include "http/client/egress.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/ensure.hpp"

namespace lodestone::http {
namespace {

std::vector<Network> parse_networks(std::span<const std::string_view> texts) {
    std::vector<Network> networks;
    for (const auto text : texts) {
        const auto network = parse_network(text);
        ensure(network.has_value(), "the table of networks is well formed");
        networks.push_back(*network);
    }
    return networks;
}

bool is_in(std::span<const Network> networks, const Address& address) {
    return std::ranges::any_of(networks, [&](const Network& network) { return network.contains(address); });
}

// What allow_private opens. Clouds keep credentials at addresses that lie within these ranges too, so those
// are left out again.
bool is_plainly_private(const Address& address) {
    static constexpr std::array<std::string_view, 7> private_texts{
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1", "fc00::/7"};
    static constexpr std::array<std::string_view, 2> metadata_texts{"100.100.100.200", "fd00:ec2::254"};
    static const auto private_networks = parse_networks(private_texts);
    static const auto metadata_networks = parse_networks(metadata_texts);
    return is_in(private_networks, address) && !is_in(metadata_networks, address);
}

bool is_allowed_host(const EgressPolicy& policy, std::string_view host) {
    // A fully qualified name may end with a dot and still be the same host.
    if (host.ends_with('.')) host.remove_suffix(1);
    return std::ranges::any_of(policy.allowed_hosts, [&](std::string_view pattern) {
        if (!pattern.starts_with("*.")) return pattern == host;
        pattern.remove_prefix(1);
        return host.size() > pattern.size() && host.ends_with(pattern);
    });
}

// A cloud's virtual machines get their certificates and settings from a host with a public address.
bool is_never_allowed(const EgressPolicy& policy, const Address& address) {
    static constexpr std::array<std::string_view, 1> never_texts{"168.63.129.16"};
    static const auto never_networks = parse_networks(never_texts);
    return is_in(never_networks, address) || is_in(policy.denied_networks, address);
}

bool is_allowed_address(const EgressPolicy& policy, std::string_view host, const Address& address) {
    const auto wrapped = find_wrapped_v4(address);
    if (is_never_allowed(policy, address) || (wrapped && is_never_allowed(policy, *wrapped))) return false;
    if (is_globally_reachable(address) || is_in(policy.allowed_networks, address)) return true;
    return (policy.allow_private || is_allowed_host(policy, host)) && is_plainly_private(address);
}

}  // namespace

std::string_view find_egress_refusal(const EgressPolicy& policy, const EgressTarget& target) {
    if (target.host.empty()) return "has no name";
    if (!target.is_secure && !policy.allow_plain) return "would be reached without TLS";
    const auto& ports = policy.allowed_ports;
    if (target.port == 0 || (!ports.empty() && std::ranges::find(ports, target.port) == ports.end()))
        return "has a port that is not allowed";
    return {};
}

std::string_view find_egress_refusal(const EgressPolicy& policy, const EgressTarget& target,
                                     std::span<const Address> addresses) {
    if (const auto refusal = find_egress_refusal(policy, target); !refusal.empty()) return refusal;
    const bool all_are_allowed = std::ranges::all_of(
        addresses, [&](const Address& address) { return is_allowed_address(policy, target.host, address); });
    return all_are_allowed ? std::string_view{} : "is at a private or reserved address";
}

}  // namespace lodestone::http
