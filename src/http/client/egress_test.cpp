// The egress policy as a table: which addresses are reached under which policy.
#include "http/client/egress.hpp"

#include <gtest/gtest.h>

namespace lodestone::http {
namespace {

Address address(std::string_view text) {
    const auto parsed = parse_address(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(Address{});
}

bool is_allowed(const EgressPolicy& policy, std::vector<std::string_view> texts,
                std::string_view host = "registry.example") {
    std::vector<Address> addresses;
    for (const auto text : texts) addresses.push_back(address(text));
    return find_egress_refusal(policy, {host, 443, true}, addresses).empty();
}

constexpr std::string_view public_v4 = "93.184.216.34";
constexpr std::string_view public_v6 = "2606:2800:220:1::1";

TEST(Egress, ReachesOnlyPublicAddressesByDefault) {
    const EgressPolicy policy;
    EXPECT_TRUE(is_allowed(policy, {public_v4}));
    EXPECT_TRUE(is_allowed(policy, {public_v6, public_v4}));
    for (const auto text :
         {"127.0.0.1", "127.255.0.9", "10.0.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
          "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1", "fd00::1",
          "ff02::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"})
        EXPECT_FALSE(is_allowed(policy, {text})) << text;
}

TEST(Egress, RefusesANameWithOnePrivateAddressAmongPublicOnes) {
    EXPECT_FALSE(is_allowed({}, {public_v4, "10.0.0.1"}));
    EXPECT_FALSE(is_allowed({}, {"127.0.0.1", public_v6}));
}

TEST(Egress, OpensPrivateNetworksButNeverMetadata) {
    EgressPolicy policy;
    policy.allow_private = true;
    for (const auto text :
         {"127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12::1"})
        EXPECT_TRUE(is_allowed(policy, {text})) << text;
    for (const auto text : {"169.254.169.254", "fe80::1", "100.100.100.200", "fd00:ec2::254", "224.0.0.1",
                            "0.0.0.0", "64:ff9b::a00:1"})
        EXPECT_FALSE(is_allowed(policy, {text})) << text;
    policy.allowed_networks = {*parse_network("169.254.169.254")};
    EXPECT_TRUE(is_allowed(policy, {"169.254.169.254"}));
}

TEST(Egress, OpensSingleNetworksAndHosts) {
    EgressPolicy policy;
    policy.allowed_networks = {*parse_network("10.1.0.0/16")};
    EXPECT_TRUE(is_allowed(policy, {"10.1.2.3"}));
    EXPECT_FALSE(is_allowed(policy, {"10.2.2.3"}));

    policy.allowed_hosts = {"s3.internal", "*.corp.example"};
    for (const auto host : {"s3.internal", "s3.internal.", "a.corp.example", "a.b.corp.example"})
        EXPECT_TRUE(is_allowed(policy, {"10.2.2.3"}, host)) << host;
    for (const auto host : {"xs3.internal", "s3.internal.example", "corp.example", "acorp.example"})
        EXPECT_FALSE(is_allowed(policy, {"10.2.2.3"}, host)) << host;
    EXPECT_FALSE(is_allowed(policy, {"169.254.169.254"}, "s3.internal"));
}

TEST(Egress, DeniesWhatIsDeniedWhateverElseIsAllowed) {
    EgressPolicy policy;
    policy.allow_private = true;
    policy.allowed_networks = {*parse_network("10.0.0.0/8")};
    policy.denied_networks = {*parse_network("10.9.0.0/16"), *parse_network(public_v4)};
    EXPECT_TRUE(is_allowed(policy, {"10.8.0.1"}));
    EXPECT_FALSE(is_allowed(policy, {"10.9.0.1"}));
    EXPECT_FALSE(is_allowed(policy, {public_v4}));
}

// A translator on the way would deliver to the address inside.
TEST(Egress, DeniesAlsoWhatLeadsThere) {
    EgressPolicy policy;
    policy.denied_networks = {*parse_network("8.8.8.0/24")};
    for (const auto text : {"8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"})
        EXPECT_FALSE(is_allowed(policy, {text})) << text;
    for (const auto text : {"8.8.9.8", "64:ff9b::8.8.9.8", "2002:808:908::1"})
        EXPECT_TRUE(is_allowed(policy, {text})) << text;
}

// Azure's host of every virtual machine, at an address that looks public.
TEST(Egress, NeverGoesToTheCloudsHost) {
    EgressPolicy policy;
    policy.allow_private = true;
    policy.allowed_hosts = {"registry.example"};
    policy.allowed_networks = {*parse_network("168.63.129.16"), *parse_network("64:ff9b::/96")};
    for (const auto text : {"168.63.129.16", "64:ff9b::168.63.129.16", "2002:a83f:8110::"})
        EXPECT_FALSE(is_allowed(policy, {text})) << text;
    EXPECT_TRUE(is_allowed({}, {"168.63.129.17"}));
}

TEST(Egress, ChecksPortAndScheme) {
    EgressPolicy policy;
    EXPECT_EQ(find_egress_refusal(policy, {"registry.example", 80, false}), "");
    EXPECT_EQ(find_egress_refusal(policy, {"registry.example", 0, true}), "has a port that is not allowed");
    EXPECT_EQ(find_egress_refusal(policy, {"", 443, true}), "has no name");
    policy.allowed_ports = {443, 8443};
    policy.allow_plain = false;
    EXPECT_EQ(find_egress_refusal(policy, {"registry.example", 8443, true}), "");
    EXPECT_EQ(find_egress_refusal(policy, {"registry.example", 25, true}), "has a port that is not allowed");
    EXPECT_EQ(find_egress_refusal(policy, {"registry.example", 443, false}), "would be reached without TLS");
}

}  // namespace
}  // namespace lodestone::http
