// Addresses that issuers can have.
#include "identity/rules/issuer.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.hpp"

namespace lodestone::identity {
namespace {

TEST(IssuerTest, KnowsWhatAnIssuerCanBe) {
    for (const char* good : {"https://idp.example", "https://idp.example:8443/realm/a", "http://127.0.0.1:80",
                             "http://[::1]:5000/x", "http://localhost"})
        EXPECT_EQ(find_issuer_fault(good), "") << good;
    EXPECT_EQ(find_issuer_fault("http://idp.example"), "must begin with https://");
    EXPECT_EQ(find_issuer_fault("http://127.0.0.1.idp.example"), "must begin with https://");
    EXPECT_EQ(find_issuer_fault("https://idp.example?x"), "must have no query and no fragment");
    EXPECT_EQ(find_issuer_fault("https://idp.example#x"), "must have no query and no fragment");
    EXPECT_EQ(find_issuer_fault("https://idp.example/" + std::string(limits::issuer_bytes, 'a')),
              "is too long");
    for (const char* other : {"idp.example", "https://a:b@idp.example", "", "ftp://idp.example", "https://"})
        EXPECT_EQ(find_issuer_fault(other), "must be a URL such as https://idp.example") << other;
}

TEST(IssuerTest, KnowsWhatIsSafe) {
    EXPECT_TRUE(is_safe_url("https://idp.example/token?x=1"));
    EXPECT_TRUE(is_safe_url("http://127.0.0.1:99/token"));
    EXPECT_FALSE(is_safe_url("http://idp.example/token"));
    EXPECT_FALSE(is_safe_url("https://idp.example/token#x"));
    EXPECT_FALSE(is_safe_url(""));
}

}  // namespace
}  // namespace lodestone::identity
