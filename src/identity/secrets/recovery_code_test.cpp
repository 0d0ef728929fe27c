// Recovery codes: made by chance, read as people write.
#include "identity/secrets/recovery_code.hpp"

#include <gmock/gmock.h>

#include <set>

#include "base/limits.hpp"

namespace lodestone::identity {
namespace {

TEST(RecoveryCodeTest, AreAllDifferent) {
    SeededRandom random(5);
    const auto codes = make_recovery_codes(random);
    EXPECT_EQ(codes.size(), limits::recovery_codes);
    EXPECT_EQ(std::set(codes.begin(), codes.end()).size(), codes.size());
    for (const std::string& code : codes) {
        EXPECT_THAT(code, ::testing::MatchesRegex("([0-9a-z]{4}-){3}[0-9a-z]{4}"));
        EXPECT_EQ(parse_recovery_code(code), code);
    }
}

TEST(RecoveryCodeTest, AreReadAsPeopleWrite) {
    const std::string code = "0123-4567-89ab-cdef";
    for (const char* text : {"0123-4567-89ab-cdef", "0123456789abcdef", "0123 4567 89AB CDEF",
                             "OI23-4567-89AB-CDEF", "oL23--4567  89ab-cdef"})
        EXPECT_EQ(parse_recovery_code(text), code) << text;
}

TEST(RecoveryCodeTest, NothingElseIsOne) {
    for (const char* text : {"", "-", "0123-4567-89ab-cde", "0123-4567-89ab-cdef0", "0123-4567-89ab-cdeu",
                             "0123-4567-89ab-cde!", "0123_4567_89ab_cdef"})
        EXPECT_FALSE(parse_recovery_code(text)) << text;
}

}  // namespace
}  // namespace lodestone::identity
