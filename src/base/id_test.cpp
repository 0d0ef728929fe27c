// Ids from outside, and ids of our own.
#include "base/id.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"

namespace lodestone {
namespace {

using ShipId = Id<struct ShipNoun>;

TEST(Id, TakesWhatIsSafeEverywhere) {
    for (const std::string& text : {std::string("acme"), std::string("01890a5d-ac96-774b-bcce-b302099a8057"),
                                    std::string("0"), std::string(limits::id_bytes, 'x')})
        EXPECT_EQ(parse_id<ShipId>(text).value_or(ShipId()).text(), text);
}

TEST(Id, RefusesTheRest) {
    for (const std::string& text : {std::string(), std::string("-a"), std::string("a b"), std::string("a/b"),
                                    std::string("a.b"), std::string("a_b"), std::string("\xC3\xA9"),
                                    std::string("a\0", 2), std::string(limits::id_bytes + 1, 'x')})
        EXPECT_FALSE(parse_id<ShipId>(text)) << text;
}

TEST(Id, OursAreIdsToo) {
    FakeClock clock;
    SeededRandom random(1);
    const auto first = make_id<ShipId>(clock, random);
    clock.advance(std::chrono::seconds(1));
    const auto second = make_id<ShipId>(clock, random);
    EXPECT_TRUE(is_id_text(first.text()));
    EXPECT_LT(first, second);
}

}  // namespace
}  // namespace lodestone
