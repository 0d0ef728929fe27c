// UUIDv7: the layout of RFC 9562, the order of ids, and what the parser refuses.
#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace lodestone {
namespace {

using std::chrono::microseconds;

// Every byte the same, so that the bits which are not chance stand out.
class ConstantRandom final : public Random {
  public:
    explicit ConstantRandom(std::uint8_t byte) : byte_(byte) {}
    void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, byte_); }

  private:
    std::uint8_t byte_;
};

TEST(Ids, LayOutTimeVersionAndVariant) {
    const FakeClock clock(Time{microseconds{0x017F22E279B0 * 1000}});  // the example of RFC 9562, A.6
    ConstantRandom ones(0xFF);
    ConstantRandom zeros(0x00);
    EXPECT_EQ(render_uuid(make_uuid(clock, ones)), "017f22e2-79b0-7000-bfff-ffffffffffff");
    EXPECT_EQ(render_uuid(make_uuid(clock, zeros)), "017f22e2-79b0-7000-8000-000000000000");
}

TEST(Ids, PutTheFractionOfTheMillisecondBehindTheVersion) {
    FakeClock clock(Time{microseconds{500}});
    ConstantRandom zeros(0x00);
    EXPECT_EQ(render_uuid(make_uuid(clock, zeros)), "00000000-0000-7800-8000-000000000000");
    clock.advance(microseconds{499});
    EXPECT_EQ(render_uuid(make_uuid(clock, zeros)), "00000000-0000-7ffb-8000-000000000000");
}

TEST(Ids, SortByTheMicrosecond) {
    FakeClock clock;
    SeededRandom random(7);
    Uuid last = make_uuid(clock, random);
    for (int i = 0; i < 3000; ++i) {
        clock.advance(microseconds{1});
        const Uuid next = make_uuid(clock, random);
        ASSERT_LT(last, next);
        ASSERT_LT(render_uuid(last), render_uuid(next));
        last = next;
    }
}

TEST(Ids, OfOneMomentDiffer) {
    const FakeClock clock;
    SystemRandom random;
    std::set<Uuid> ids;
    for (int i = 0; i < 10'000; ++i) ids.insert(make_uuid(clock, random));
    EXPECT_EQ(ids.size(), 10'000u);
}

TEST(Ids, ReadBackWhatTheyWrite) {
    const FakeClock clock;
    SeededRandom random(1);
    const Uuid id = make_uuid(clock, random);
    EXPECT_EQ(parse_uuid(render_uuid(id)), id);
    const std::string_view v4 = "919108f7-52d1-4320-9bac-f847db4148a8";
    EXPECT_EQ(render_uuid(parse_uuid(v4).value()), v4);
}

TEST(Ids, RefuseEveryOtherSpelling) {
    const std::string_view refused[] = {
        "",
        "017f22e2-79b0-7000-bfff-fffffffffff",
        "017f22e2-79b0-7000-bfff-ffffffffffff0",
        "017F22E2-79B0-7000-BFFF-FFFFFFFFFFFF",
        "{17f22e2-79b0-7000-bfff-fffffffffff}",
        "017f22e279b07000bfffffffffffffffffff",
        "017f22e2-79b0-7000-bfff+ffffffffffff",
        "017f22e-279b0-7000-bfff-ffffffffffff",
        "017f22e2-79b0-7000-bfff-fffffffffffg",
        " 17f22e2-79b0-7000-bfff-ffffffffffff",
        "017f22e2-79b0-7000-bfff-ffffffffff\n0",
    };
    for (const std::string_view text : refused) EXPECT_FALSE(parse_uuid(text)) << text;
}

}  // namespace
}  // namespace lodestone
