// Where somebody has signed in lately, what fails elsewhere keeps nobody out: not the node's own count of
// failures, and not the one that all nodes share.
#include <gmock/gmock.h>

#include "base/tenant_limits.hpp"
#include "identity/sign_in/sign_in.hpp"
#include "support/signing_in.hpp"

namespace lodestone::identity {
namespace {

using std::chrono::seconds;
using ::testing::StartsWith;

class FamiliarAddressTest : public test::SigningIn {
  protected:
    SignInRequest from(const std::string& address, const std::string& password) {
        SignInRequest wanted = request("alice", password);
        wanted.visitor.address = address;
        return wanted;
    }
    std::string refusal(const std::string& address, const std::string& password = test::password_of_alice) {
        return refusal_of_sign_in(from(address, password));
    }
    // A stranger who fails as often as is let happen.
    void keep_failing(const std::string& address) {
        for (int i = 0; i < 8; ++i) {
            EXPECT_THAT(refusal(address, "wrong"), StartsWith("unauthenticated: "));
            clock().advance(seconds(1 << i));
        }
        EXPECT_THAT(refusal(address, "wrong"), StartsWith("unauthenticated: "));
        EXPECT_THAT(refusal("203.0.113.9"), StartsWith("too-many-requests: ")) << "the right one elsewhere";
        EXPECT_TRUE(credentials_of(test::alice).is_blocked(clock().now()));
    }
};
INSTANTIATE_ON_EVERY_DATABASE(FamiliarAddressTest);

TEST_P(FamiliarAddressTest, StrangersKeepNobodyOut) {
    EXPECT_EQ(refusal("192.0.2.1"), "");
    keep_failing("198.51.100.7");
    EXPECT_EQ(refusal("192.0.2.1"), "");
}

TEST_P(FamiliarAddressTest, NorDoTheyOnAnotherNode) {
    EXPECT_EQ(refusal("2001:db8::1"), "");
    keep_failing("198.51.100.7");
    const auto other_node = make_vault();
    const auto try_there = [&](const std::string& address) {
        return refusal_of_task(
            identity::sign_in(*other_node, database(), from(address, test::password_of_alice), unit()));
    };
    EXPECT_THAT(try_there("203.0.113.9"), StartsWith("unauthenticated: "));
    EXPECT_EQ(try_there("2001:db8::2"), "") << "the same customer of the same provider";
}

TEST_P(FamiliarAddressTest, FailuresThereAreCountedToo) {
    EXPECT_EQ(refusal("192.0.2.1"), "");
    for (int i = 0; i < 5; ++i) EXPECT_THAT(refusal("192.0.2.1", "wrong"), StartsWith("unauthenticated: "));
    EXPECT_THAT(refusal("192.0.2.1"), StartsWith("too-many-requests: "));
}

TEST_P(FamiliarAddressTest, IsForgotten) {
    EXPECT_EQ(refusal("192.0.2.1"), "");
    clock().advance(limits::familiar_lifetime);
    keep_failing("198.51.100.7");
    EXPECT_THAT(refusal("192.0.2.1"), StartsWith("too-many-requests: "));
}

}  // namespace
}  // namespace lodestone::identity
