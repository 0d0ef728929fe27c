// Which networks lie in which, and as which client an address counts.
#include "http/message/client_network.hpp"

#include <gtest/gtest.h>

namespace lodestone::http {
namespace {

bool lies_in(std::string_view inner, std::string_view outer) {
    return is_within(parse_network(inner).value(), parse_network(outer).value());
}

TEST(ClientNetwork, LiesInOneThatIsAsWide) {
    EXPECT_TRUE(lies_in("10.1.0.0/16", "10.0.0.0/8"));
    EXPECT_TRUE(lies_in("10.0.0.0/8", "10.0.0.0/8"));
    EXPECT_TRUE(lies_in("2001:db8:1::/48", "2001:db8::/32"));
    EXPECT_TRUE(lies_in("unix", "unix"));
    EXPECT_FALSE(lies_in("10.0.0.0/8", "10.1.0.0/16"));
    EXPECT_FALSE(lies_in("11.0.0.0/16", "10.0.0.0/8"));
    EXPECT_FALSE(lies_in("0.0.0.0/0", "::/0")) << "IPv4 is in no network of IPv6";
    EXPECT_FALSE(lies_in("::/0", "0.0.0.0/0"));
    EXPECT_FALSE(lies_in("unix", "0.0.0.0/0"));
    EXPECT_FALSE(lies_in("127.0.0.1", "unix"));
}

TEST(ClientNetwork, ACustomerIsOneClient) {
    EXPECT_EQ(client_of("192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(client_of("2001:db8::1:2"), client_of("2001:db8::ffff"));
    EXPECT_NE(client_of("2001:db8:0:1::1"), client_of("2001:db8::1"));
    EXPECT_EQ(client_of("unix"), "unix");
}

}  // namespace
}  // namespace lodestone::http
