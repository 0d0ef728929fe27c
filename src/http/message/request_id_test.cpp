// Request ids: harmless ones are kept, all others replaced.
#include "http/message/request_id.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace lodestone::http {
namespace {

TEST(IsRequestId, TakesHarmlessTextUpToTheLimit) {
    for (const std::string& text : {std::string("a"), std::string("AZaz09._-"), std::string("..-"),
                                    std::string(limits::request_id_bytes, 'x')})
        EXPECT_TRUE(is_request_id(text)) << text;
    for (const std::string& text : {std::string(), std::string(limits::request_id_bytes + 1, 'x'),
                                    std::string("a b"), std::string("a\nb"), std::string("a/b"),
                                    std::string("a\"b"), std::string("a\0", 2), std::string("\xc3\xbc")})
        EXPECT_FALSE(is_request_id(text)) << text;
}

TEST(MakeRequestId, KeepsTheClientsOwn) {
    SeededRandom random(1);
    EXPECT_EQ(make_request_id("build-17.3", random), "build-17.3");
}

TEST(MakeRequestId, MakesOneWhereNoneIsFit) {
    SeededRandom random(1);
    const std::string one = make_request_id(std::nullopt, random);
    const std::string two = make_request_id("a b", random);
    EXPECT_EQ(one.size(), 32u);
    EXPECT_TRUE(is_request_id(one));
    EXPECT_TRUE(is_request_id(two));
    EXPECT_NE(one, two);
    EXPECT_NE(two, "a b");
}

}  // namespace
}  // namespace lodestone::http
