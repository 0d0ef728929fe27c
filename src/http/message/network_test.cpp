// Addresses and networks; above all which addresses a guard against forged requests must keep away from.
#include "http/message/network.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lodestone::http {
namespace {

TEST(Port, IsANumberInPlainDigits) {
    EXPECT_EQ(parse_port("0"), 0);
    EXPECT_EQ(parse_port("8080"), 8080);
    EXPECT_EQ(parse_port("65535"), 65535);
    for (const auto* text : {"", "65536", "99999", "100000", "+1", "-1", "08", "00", "1 ", " 1", "0x50"})
        EXPECT_FALSE(parse_port(text)) << text;
}

TEST(Address, TextIsReadAndWritten) {
    const struct {
        std::string_view text, canonical;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"[::1]", "::1"},
        {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::ffff:c000:201", "192.0.2.1"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
    };
    for (const auto& [text, canonical] : cases) {
        const auto address = parse_address(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(address->to_text(), canonical);
        EXPECT_EQ(parse_address(address->to_text()), address);
    }
}

TEST(Address, OthersAreRefused) {
    using namespace std::string_view_literals;
    for (const auto text : {""sv,
                            "1"sv,
                            "127.1"sv,
                            "2130706433"sv,
                            "0x7f.0.0.1"sv,
                            "0177.0.0.1"sv,
                            "01.2.3.4"sv,
                            "1.2.3"sv,
                            "1.2.3.4.5"sv,
                            "256.0.0.1"sv,
                            "1.2.3.4:80"sv,
                            " 1.2.3.4"sv,
                            "1.2.3.4 "sv,
                            "1.2.3.4\0"sv,
                            "1.2.3.4\0.example"sv,
                            "[1.2.3.4]"sv,
                            "fe80::1%eth0"sv,
                            "[::1"sv,
                            "::1]"sv,
                            "[[::1]]"sv,
                            "[]"sv,
                            ":"sv,
                            ":::"sv,
                            "1:2:3:4:5:6:7"sv,
                            "1:2:3:4:5:6:7:8:9"sv,
                            "::12345"sv,
                            "::g"sv,
                            "unix"sv,
                            "localhost"sv,
                            "1::2::3"sv,
                            "0000000000000000000000000000000000000000000000000001"sv})
        EXPECT_FALSE(parse_address(text)) << text;
}

TEST(Network, ContainsWhatItSays) {
    const struct {
        std::string_view network, address;
        bool is_inside;
    } cases[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"192.0.2.128/25", "192.0.2.128", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "203.0.113.9", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"::1", "::1", true},
        {"::1/128", "::2", false},
        {"::ffff:10.0.0.0/104", "10.1.2.3", true},
        {"unix", "::", false},
    };
    for (const auto& [network_text, address, is_inside] : cases) {
        const auto network = parse_network(network_text);
        ASSERT_TRUE(network) << network_text;
        EXPECT_EQ(network->contains(*parse_address(address)), is_inside) << network_text << " " << address;
    }
}

TEST(Network, OthersAreRefused) {
    for (const auto text : {"",
                            "/",
                            "/8",
                            "10.0.0.0/",
                            "10.0.0.0/33",
                            "10.0.0.0/08",
                            "10.0.0.0/+8",
                            "10.0.0.0/-1",
                            "10.0.0.0/8/8",
                            "10.0.0.0/255.0.0.0",
                            "10.1.0.0/8",
                            "10/8",
                            "::/129",
                            "2001:db8::1/32",
                            "::/1000",
                            "::/00",
                            "localhost",
                            "UNIX",
                            "unix/0",
                            "*"})
        EXPECT_FALSE(parse_network(text)) << text;
}

TEST(Network, PeersMayBeUnix) {
    const std::vector<Network> addresses{*parse_network("0.0.0.0/0"), *parse_network("::/0")};
    const std::vector<Network> sockets{*parse_network("unix")};
    EXPECT_FALSE(is_in_networks("unix", addresses));
    EXPECT_TRUE(is_in_networks("unix", sockets));
    EXPECT_TRUE(is_in_networks("127.0.0.1", addresses));
    EXPECT_FALSE(is_in_networks("127.0.0.1", sockets));
    EXPECT_FALSE(is_in_networks("", addresses));
}

// First and last address of each block, the ones beside it where those are public.
TEST(GloballyReachable, SpecialPurposeRegistryIpv4) {
    for (const auto text :
         {"0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",  "100.64.0.0",
          "100.127.255.255", "127.0.0.1",       "127.255.255.255", "169.254.0.0",     "169.254.169.254",
          "169.254.255.255", "172.16.0.0",      "172.31.255.255",  "192.0.0.0",       "192.0.0.8",
          "192.0.0.9",       "192.0.0.10",      "192.0.0.170",     "192.0.0.171",     "192.0.0.255",
          "192.0.2.0",       "192.0.2.255",     "192.88.99.0",     "192.88.99.255",   "192.168.0.0",
          "192.168.255.255", "198.18.0.0",      "198.19.255.255",  "198.51.100.0",    "198.51.100.255",
          "203.0.113.0",     "203.0.113.255",   "224.0.0.0",       "239.255.255.255", "240.0.0.0",
          "255.255.255.254", "255.255.255.255", "::ffff:127.0.0.1"})
        EXPECT_FALSE(is_globally_reachable(*parse_address(text))) << text;
    for (const auto text :
         {"1.0.0.0",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",  "100.128.0.0",
          "126.255.255.255", "128.0.0.0",       "169.253.255.255", "169.255.0.0",     "172.15.255.255",
          "172.32.0.0",      "191.255.255.255", "192.0.1.0",       "192.0.3.0",       "192.31.196.1",
          "192.52.193.1",    "192.88.98.255",   "192.88.100.0",    "192.167.255.255", "192.169.0.0",
          "192.175.48.1",    "198.17.255.255",  "198.20.0.0",      "198.51.99.255",   "198.51.101.0",
          "203.0.112.255",   "203.0.114.0",     "223.255.255.255", "8.8.8.8",         "::ffff:8.8.8.8"})
        EXPECT_TRUE(is_globally_reachable(*parse_address(text))) << text;
}

TEST(GloballyReachable, SpecialPurposeRegistryIpv6) {
    for (const auto text : {"::",
                            "::1",
                            "::8.8.8.8",
                            "::ffff:0:8.8.8.8",
                            "64:ff9b:1::",
                            "64:ff9b:1::8.8.8.8",
                            "64:ff9b:1:ffff::",
                            "100::",
                            "100::ffff",
                            "100:0:0:1::",
                            "2001::",
                            "2001::1",
                            "2001:0:ffff::8.8.8.8",
                            "2001:1::1",
                            "2001:1::2",
                            "2001:1::3",
                            "2001:2::",
                            "2001:10::",
                            "2001:1f:ffff::",
                            "2001:1ff:ffff::",
                            "2001:db8::",
                            "2001:db8:ffff::",
                            "3fff::",
                            "3fff:fff:ffff::",
                            "5f00::",
                            "5f00:ffff::",
                            "4000::",
                            "fc00::",
                            "fd00::1",
                            "fdff:ffff::",
                            "fe80::1",
                            "febf:ffff::",
                            "fec0::1",
                            "ff00::",
                            "ff02::1",
                            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
                            "1fff:ffff::",
                            "200::1"})
        EXPECT_FALSE(is_globally_reachable(*parse_address(text))) << text;
    for (const auto text : {"2000::1", "2001:3::1", "2001:4:112::1", "2001:20::1", "2001:2f:ffff::",
                            "2001:30::1", "2001:200::1", "2001:4860:4860::8888", "2001:db7::1", "2001:db9::1",
                            "2606:4700::1111", "2620:4f:8000::1", "3ffe:ffff::1", "3fff:1000::1"})
        EXPECT_TRUE(is_globally_reachable(*parse_address(text))) << text;
}

TEST(GloballyReachable, WrappedIpv4IsJudgedInside) {
    EXPECT_FALSE(is_globally_reachable(*parse_address("64:ff9b::169.254.169.254")));
    EXPECT_FALSE(is_globally_reachable(*parse_address("64:ff9b::10.0.0.1")));
    EXPECT_TRUE(is_globally_reachable(*parse_address("64:ff9b::8.8.8.8")));
    EXPECT_FALSE(is_globally_reachable(*parse_address("2002:7f00:1::1")));
    EXPECT_FALSE(is_globally_reachable(*parse_address("2002:a9fe:a9fe::")));
    EXPECT_TRUE(is_globally_reachable(*parse_address("2002:808:808::1")));
    EXPECT_FALSE(is_globally_reachable(*parse_address("64:ff9b:0:0:1::8.8.8.8")));
}

}  // namespace
}  // namespace lodestone::http
