// Codes by the vectors of their RFCs, and which steps are taken.
#include "identity/secrets/totp.hpp"

#include <gtest/gtest.h>

namespace lodestone::identity {
namespace {

using std::chrono::seconds;

constexpr std::string_view rfc_secret = "12345678901234567890";

TEST(TotpTest, ComputesWhatTheRfcSays) {
    // RFC 6238, appendix B.
    const std::pair<std::int64_t, const char*> vectors[] = {
        {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
        {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
    for (const auto& [second, code] : vectors)
        EXPECT_EQ(totp_code(rfc_secret, totp_step(Time{seconds{second}}), 8), code) << second;
    // RFC 4226, appendix D.
    const char* const counters[] = {"755224", "287082", "359152", "969429", "338314",
                                    "254676", "287922", "162583", "399871", "520489"};
    for (std::int64_t counter = 0; counter < 10; ++counter)
        EXPECT_EQ(totp_code(rfc_secret, counter), counters[counter]);
}

TEST(TotpTest, TakesOneStepToEitherSide) {
    const Time now{seconds{1'800'000'010}};
    const std::int64_t step = totp_step(now);
    for (std::int64_t by = -1; by <= 1; ++by)
        EXPECT_EQ(find_totp_step(rfc_secret, totp_code(rfc_secret, step + by), now, {}), step + by);
    for (const std::int64_t by : {-2, 2})
        EXPECT_FALSE(find_totp_step(rfc_secret, totp_code(rfc_secret, step + by), now, {}));
}

TEST(TotpTest, TakesNoStepTwice) {
    const Time now{seconds{1'800'000'010}};
    const std::int64_t step = totp_step(now);
    const auto find = [&](std::int64_t of, std::int64_t last) {
        return find_totp_step(rfc_secret, totp_code(rfc_secret, of), now, last);
    };
    EXPECT_FALSE(find(step, step));
    EXPECT_FALSE(find(step - 1, step)) << "nor one before the last";
    EXPECT_EQ(find(step + 1, step), step + 1);
}

TEST(TotpTest, TakesNothingElse) {
    const Time now{seconds{1'800'000'010}};
    const std::string code = totp_code(rfc_secret, totp_step(now));
    EXPECT_FALSE(find_totp_step(rfc_secret, "", now, {}));
    EXPECT_FALSE(find_totp_step(rfc_secret, code.substr(1), now, {}));
    EXPECT_FALSE(find_totp_step(rfc_secret, code + "0", now, {}));
    EXPECT_FALSE(find_totp_step("another secret", code, now, {}));
}

TEST(TotpTest, IsShownToApps) {
    // RFC 4648, section 10, without padding.
    EXPECT_EQ(render_base32(""), "");
    EXPECT_EQ(render_base32("f"), "MY");
    EXPECT_EQ(render_base32("fo"), "MZXQ");
    EXPECT_EQ(render_base32("foo"), "MZXW6");
    EXPECT_EQ(render_base32("foob"), "MZXW6YQ");
    EXPECT_EQ(render_base32("fooba"), "MZXW6YTB");
    EXPECT_EQ(render_base32("foobar"), "MZXW6YTBOI");
    EXPECT_EQ(render_totp_url("Acme & Co", "alice@acme.example", rfc_secret),
              "otpauth://totp/Acme%20%26%20Co:alice%40acme.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
              "&issuer=Acme%20%26%20Co");
    SeededRandom random(1);
    EXPECT_EQ(make_totp_secret(random).size(), 20u);
}

}  // namespace
}  // namespace lodestone::identity
