// Scores as the calculators of the specification have them.
#include "packages/advisories/cvss.hpp"

#include <gtest/gtest.h>

namespace lodestone::packages {
namespace {

TEST(Cvss, ScoresAsTheSpecificationDoes) {
    EXPECT_EQ(score_cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), 9.8);
    EXPECT_EQ(score_cvss("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"), 10.0);
    EXPECT_EQ(score_cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"), 6.1);
    EXPECT_EQ(score_cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"), 7.5);
    EXPECT_EQ(score_cvss("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N"), 3.1);
    EXPECT_EQ(score_cvss("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H"), 7.8);
    EXPECT_EQ(score_cvss("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"), 0.0);
    EXPECT_EQ(score_cvss("CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P"), 6.8);
}

TEST(Cvss, HasNothingToSayOfOthers) {
    EXPECT_EQ(score_cvss(""), std::nullopt);
    EXPECT_EQ(score_cvss("CVSS:3.1/AV:N"), std::nullopt);
    EXPECT_EQ(score_cvss("CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), std::nullopt);
    EXPECT_EQ(score_cvss("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"), std::nullopt);
    EXPECT_EQ(score_cvss("AV:N/AC:L/Au:N/C:P/I:P/A:P"), std::nullopt);
}

TEST(Cvss, RatesByTheScore) {
    EXPECT_EQ(rate_cvss(0), "");
    EXPECT_EQ(rate_cvss(0.1), "low");
    EXPECT_EQ(rate_cvss(4), "moderate");
    EXPECT_EQ(rate_cvss(7), "high");
    EXPECT_EQ(rate_cvss(9), "critical");
}

}  // namespace
}  // namespace lodestone::packages
