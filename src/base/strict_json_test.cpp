// What is one JSON object, and what two readers could read differently.
#include "base/strict_json.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.hpp"

namespace lodestone {
namespace {

std::string fault_of(std::string_view text) {
    const StrictJson json = parse_strict_json(text, 1'000);
    EXPECT_EQ(json.object.has_value(), json.fault.empty()) << text;
    return std::string(json.fault);
}

TEST(StrictJsonTest, TakesAnObject) {
    const auto json = parse_strict_json(R"( {"a": 1, "b": {"a": [true, {"a": null}, {"a": 2}]}} )", 1'000);
    ASSERT_TRUE(json.object);
    EXPECT_EQ(json.object->at("a").as_int64(), 1);
    EXPECT_EQ(fault_of("{}"), "");
}

TEST(StrictJsonTest, RefusesAMemberThatStandsTwice) {
    EXPECT_EQ(fault_of(R"({"a": 1, "a": 1})"), "has a member twice");
    EXPECT_EQ(fault_of(R"({"a": 1, "\u0061": 2})"), "has a member twice");
    EXPECT_EQ(fault_of(R"({"a": [{"b": 1, "c": {}, "b": 2}]})"), "has a member twice");
}

TEST(StrictJsonTest, RefusesWhatIsNoObjectOrNoJson) {
    for (const char* text : {"", "{", "{}x", "{} {}", "{'a': 1}", "{\"a\": 1,}", "// x\n{}", "{\"a\": NaN}",
                             "{\"a\": \"\xC3\x28\"}", "{\"a\": \"\x01\"}", "{a: 1}", "\xEF\xBB\xBF{}",
                             "{\"a\": 1e999}", "{\"a\": -1E400}"})
        EXPECT_EQ(fault_of(text), "is not JSON") << text;
    for (const char* text : {"[]", "1", "\"a\"", "null"})
        EXPECT_EQ(fault_of(text), "is not a JSON object") << text;
}

// Which would be written back as something else than a number.
TEST(StrictJsonTest, RefusesNumbersThatAreNone) {
    EXPECT_EQ(fault_of("{\"a\": " + std::string(400, '9') + "}"), "is not JSON");
    EXPECT_EQ(fault_of("{\"a\": 1e308, \"b\": 1e-999}"), "");
}

TEST(StrictJsonTest, RefusesWhatIsTooLongOrTooDeep) {
    const auto nested = [](std::size_t depth) {
        return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
    };
    EXPECT_EQ(fault_of(nested(30)), "");
    EXPECT_EQ(fault_of(nested(40)), "is not JSON");
    EXPECT_EQ(fault_of("{\"a\":\"" + std::string(1'000, 'b') + "\"}"), "is too long");
}

TEST(StrictJsonTest, CutsNamesInPointers) {
    std::string pointer;
    append_pointer(pointer, std::string(limits::json_fault_name_bytes + 1, 'x'));
    EXPECT_EQ(pointer, "/" + std::string(limits::json_fault_name_bytes, 'x') + "…");
}

}  // namespace
}  // namespace lodestone
