// Sealed secrets: they open with their key, in their place, unchanged, and not otherwise.
#include "identity/secrets/sealed.hpp"

#include <gtest/gtest.h>

namespace lodestone::identity {
namespace {

class SealedTest : public ::testing::Test {
  protected:
    SeededRandom random_{3};
    Sealer sealer_{{"first key of this test", "an older key of it"}};
    const std::string plain_ = std::string("secret \0 with everything \xFF", 25);
};

TEST_F(SealedTest, OpensWhatItSealed) {
    for (const std::string& plain : {plain_, std::string(), std::string(10'000, 'x')}) {
        const std::string sealed = sealer_.seal(plain, "totp acme alice", random_);
        EXPECT_EQ(sealer_.open(sealed, "totp acme alice"), plain);
        EXPECT_EQ(sealed.find("secret"), std::string::npos);
    }
    EXPECT_NE(sealer_.seal(plain_, "", random_), sealer_.seal(plain_, "", random_));
}

TEST_F(SealedTest, OpensNowhereElse) {
    const std::string sealed = sealer_.seal(plain_, "totp acme alice", random_);
    EXPECT_FALSE(sealer_.open(sealed, "totp acme bob"));
    EXPECT_FALSE(sealer_.open(sealed, ""));
    EXPECT_FALSE(Sealer({"quite another key, long"}).open(sealed, "totp acme alice"));
}

TEST_F(SealedTest, OpensNothingThatWasChanged) {
    const std::string sealed = sealer_.seal(plain_, "place", random_);
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        std::string other = sealed;
        other[at] = other[at] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(sealer_.open(other, "place")) << at;
        EXPECT_FALSE(sealer_.open(sealed.substr(0, at), "place")) << at;
    }
    EXPECT_FALSE(sealer_.open("", "place"));
    EXPECT_FALSE(sealer_.open("v1.", "place"));
    EXPECT_FALSE(sealer_.open("v1..", "place"));
}

TEST_F(SealedTest, KeysAreChangedOneAfterAnother) {
    const Sealer old({"an older key of it"});
    const std::string sealed = old.seal(plain_, "place", random_);
    EXPECT_EQ(sealer_.open(sealed, "place"), plain_);
    EXPECT_TRUE(sealer_.is_outdated(sealed));
    EXPECT_FALSE(old.is_outdated(sealed));
    const std::string fresh = sealer_.seal(plain_, "place", random_);
    EXPECT_FALSE(sealer_.is_outdated(fresh));
    EXPECT_FALSE(old.open(fresh, "place"));
}

}  // namespace
}  // namespace lodestone::identity
