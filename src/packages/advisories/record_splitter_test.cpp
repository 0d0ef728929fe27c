// Texts cut into records, however they come.
#include "packages/advisories/record_splitter.hpp"

#include <gtest/gtest.h>

#include "base/advisory_limits.hpp"

namespace lodestone::packages {
namespace {

// Each record, or "!" and its fault.
std::vector<std::string> split(std::string_view text, std::size_t piece = 1'000'000) {
    RecordSplitter splitter;
    std::vector<std::string> found;
    const auto take = [&] {
        for (const RawRecord& record : splitter.take_ready())
            found.push_back(record.fault.empty() ? record.text : "!" + record.where + " " + record.fault);
    };
    for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
        splitter.add(text.substr(0, piece));
        take();
    }
    splitter.finish();
    take();
    return found;
}

using Texts = std::vector<std::string>;

TEST(RecordSplitter, TakesOneAndMany) {
    EXPECT_EQ(split(R"({"a":1})"), Texts{R"({"a":1})"});
    EXPECT_EQ(split("{\"a\":1}\n{\"b\":2}\n"), (Texts{R"({"a":1})", R"({"b":2})"}));
    EXPECT_EQ(split(R"({"a":1}{"b":2})"), (Texts{R"({"a":1})", R"({"b":2})"}));
    EXPECT_EQ(split("[{\"a\":1},\n {\"b\":2}]"), (Texts{R"({"a":1})", R"({"b":2})"}));
    EXPECT_EQ(split("{\n  \"a\": [\n{\"b\": 1},\n{\"c\": 2}\n]\n}\n"),
              Texts{"{\n  \"a\": [\n{\"b\": 1},\n{\"c\": 2}\n]\n}"});
    EXPECT_EQ(split(""), Texts{});
    EXPECT_EQ(split(" \n\n"), Texts{});
}

TEST(RecordSplitter, DoesNotCareHowItIsCut) {
    const std::string text = "{\"a\":\"}{\\\"\"}\n{\"b\":[1,{}]} {\"c\":\"\\\\\"}";
    const Texts whole = split(text);
    EXPECT_EQ(whole.size(), 3);
    for (const std::size_t piece : {1, 2, 3, 7}) EXPECT_EQ(split(text, piece), whole);
}

TEST(RecordSplitter, LosesNoMoreThanWhatIsBroken) {
    EXPECT_EQ(split("{\"a\":\"cut\n{\"b\":2}\n"),
              (Texts{"!record 1 is cut off within a text", R"({"b":2})"}));
    EXPECT_EQ(split("{\"a\":1\n{\"b\":2}\n"), (Texts{"!record 1 is cut off", R"({"b":2})"}));
    EXPECT_EQ(split("nonsense {\n{\"b\":2}"), (Texts{"!record 1 is no JSON object", R"({"b":2})"}));
    EXPECT_EQ(split(R"({"a":1)"), Texts{"!record 1 is cut off"});
}

TEST(RecordSplitter, KeepsNothingThatIsTooLong) {
    const std::string text = R"({"a":")" + std::string(limits::advisory_record_bytes, 'x') + "\"}\n{\"b\":2}";
    EXPECT_EQ(split(text), (Texts{"!record 1 is longer than 4 MiB", R"({"b":2})"}));
}

}  // namespace
}  // namespace lodestone::packages
