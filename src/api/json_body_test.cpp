// Bodies that are no JSON, or JSON that means two things.
#include "api/json_body.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "base/limits.hpp"
#include "base/problem.hpp"

namespace lodestone::api {
namespace {

std::string refusal_of(std::string_view text) {
    try {
        return "taken: " + boost::json::serialize(parse_json_body(text));
    } catch (const Problem& problem) {
        std::string pointers;
        for (const FieldFault& fault : problem.faults()) pointers += " " + fault.pointer;
        return std::string(problem.kind().code) + pointers;
    }
}

TEST(JsonBody, TakesJson) {
    EXPECT_EQ(refusal_of(R"({"a":[1,-2,3.5,true,null,"x\u00e9"],"b":{"a":{}}})"),
              "taken: {\"a\":[1,-2,3.5E0,true,null,\"x\u00e9\"],\"b\":{\"a\":{}}}");
    EXPECT_EQ(refusal_of(" {} \r\n"), "taken: {}");
    EXPECT_EQ(refusal_of(R"([{"a":1},{"a":2}])"), R"(taken: [{"a":1},{"a":2}])") << "two objects";
    EXPECT_EQ(refusal_of("18446744073709551615"), "taken: 18446744073709551615");
}

TEST(JsonBody, RefusesWhatIsNone) {
    for (const char* text : {"", "{", "{\"a\":}", "{'a':1}", "{} {}", "{}x", "{\"a\":1,}", "// x\n{}", "nul",
                             "NaN", "\"\xff\"", "\"\\ud800\"", "01", "\"a\nb\""})
        EXPECT_EQ(refusal_of(text), "malformed-request") << text;
}

TEST(JsonBody, RefusesANameThatAnObjectHasTwice) {
    EXPECT_EQ(refusal_of(R"({"a":1,"a":1})"), "malformed-request /a");
    EXPECT_EQ(refusal_of(R"({"a":{"b/c":1,"d":2,"b\/c":3}})"), "malformed-request /a/b~1c");
    EXPECT_EQ(refusal_of(R"({"é":1,"\u00e9":2})"), "malformed-request /é") << "however it is written";
}

TEST(JsonBody, RefusesWhatIsTooDeep) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_EQ(refusal_of(nested(limits::json_depth)).substr(0, 6), "taken:");
    EXPECT_EQ(refusal_of(nested(limits::json_depth + 1)), "malformed-request");
    EXPECT_EQ(refusal_of(std::string(100'000, '[')), "malformed-request");
}

}  // namespace
}  // namespace lodestone::api
