// Log lines as text: both formats, every kind of value, and texts that try to be more than one line.
#include "base/log_line.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <limits>
#include <vector>

#include "base/limits.hpp"

namespace lodestone {
namespace {

constexpr Time start{std::chrono::seconds{1'800'000'000}};

std::string render_json(std::string_view event, const std::vector<LogField>& fields = {}) {
    std::string out;
    append_json_line(out, {start, LogLevel::info, event, fields});
    return out;
}

std::string render_pretty(std::string_view event, const std::vector<LogField>& fields = {},
                          LogColours colours = LogColours::no) {
    std::string out;
    append_pretty_line(out, {start, LogLevel::warn, event, fields}, colours);
    return out;
}

// The part after the event, so that a test can look at one value alone.
std::string json_value(const LogValue& value) {
    const std::string line = render_json("e", {{"k", value}});
    const std::size_t begin = line.find(R"("k":)") + 4;
    return line.substr(begin, line.size() - begin - 2);
}
std::string pretty_value(const LogValue& value) {
    const std::string line = render_pretty("e", {{"k", value}});
    const std::size_t begin = line.find("k=") + 2;
    return line.substr(begin, line.size() - begin - 1);
}

TEST(LogLine, JsonHasTimeLevelEventThenFieldsInOrder) {
    EXPECT_EQ(render_json("started", {{"port", 8080}, {"address", "127.0.0.1"}}),
              R"({"time":"2027-01-15T08:00:00.000000Z","level":"info","event":"started",)"
              R"("port":8080,"address":"127.0.0.1"})"
              "\n");
}

TEST(LogLine, LeavesOutFieldsThatSayNothing) {
    const std::vector<LogField> fields{{"first", ""}, {"second", 0}, {"third", std::string_view()}};
    EXPECT_EQ(render_json("e", fields),
              R"({"time":"2027-01-15T08:00:00.000000Z","level":"info","event":"e","second":0})"
              "\n");
    EXPECT_EQ(render_pretty("e", fields), "2027-01-15T08:00:00.000000Z WARN  e second=0\n");
}

TEST(LogLine, PrettyIsOneReadableLine) {
    EXPECT_EQ(render_pretty("disk is slow", {{"path", "/var/lib"}, {"for", "2 s"}, {"is_full", false}}),
              "2027-01-15T08:00:00.000000Z WARN  disk is slow path=/var/lib for=\"2 s\" is_full=false\n");
}

TEST(LogLine, PrettyColoursOnlyWhatIsOurs) {
    EXPECT_EQ(render_pretty("e", {{"k", "v"}}, LogColours::yes),
              "\x1b[2m2027-01-15T08:00:00.000000Z\x1b[0m \x1b[33mWARN  \x1b[0m\x1b[1me\x1b[0m "
              "\x1b[2mk=\x1b[0mv\n");
}

TEST(LogLine, RendersEveryKindOfValue) {
    const std::string text = "owned";
    const struct {
        LogValue value;
        std::string_view json;
    } cases[] = {
        {"text", R"("text")"},
        {text, R"("owned")"},
        {-1, "-1"},
        {std::uint16_t{443}, "443"},
        {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
        {std::numeric_limits<std::uint64_t>::max(), "18446744073709551615"},
        {0.25, "0.25"},
        {1.5f, "1.5"},
        {-std::numeric_limits<double>::max(), "-1.7976931348623157e+308"},
        {std::numeric_limits<double>::quiet_NaN(), "null"},
        {-std::numeric_limits<double>::infinity(), "null"},
        {true, "true"},
        {false, "false"},
    };
    for (const auto& c : cases) EXPECT_EQ(json_value(c.value), c.json);
}

TEST(LogLine, PrettyQuotesWhatCouldMislead) {
    const struct {
        std::string_view text;
        std::string_view pretty;
    } cases[] = {
        {"plain/text-1.0", "plain/text-1.0"},
        {"two words", R"("two words")"},
        {"a=b", R"("a=b")"},
        {"a\"b", R"("a\"b")"},
        {"\x1b[2J\x1b]0;title\x07", R"("\u001b[2J\u001b]0;title\u0007")"},
        {"\xC2\x9B[31m", R"("\u009b[31m")"},
        {"\xFF", "\"\uFFFD\""},
        {"Größe", R"("Größe")"},
    };
    for (const auto& c : cases) EXPECT_EQ(pretty_value(c.text), c.pretty);
}

TEST(LogLine, NobodyForgesALine) {
    const std::string_view forged =
        "x\n{\"time\":\"\",\"level\":\"error\",\"event\":\"forged\"}\r\u2028\u2029\x1b[1A";
    const std::vector<LogField> fields{{forged, forged}, {"k", forged}};
    for (const std::string& line :
         {render_json(forged, fields), render_pretty(forged, fields), render_pretty("e", fields)}) {
        EXPECT_EQ(line.find('\n'), line.size() - 1);
        EXPECT_EQ(line.find_first_of("\r\x1b"), std::string::npos);
        EXPECT_EQ(line.find("\u2028"), std::string::npos);
    }
    const boost::json::object parsed = boost::json::parse(render_json(forged, fields)).as_object();
    EXPECT_EQ(parsed.at("event").as_string(), forged);
    EXPECT_EQ(parsed.at("level").as_string(), "info");
    EXPECT_EQ(parsed.at(forged).as_string(), forged);
}

TEST(LogLine, CutsLongTextBetweenCodePoints) {
    const std::size_t limit = limits::log_value_bytes;
    const std::string exact(limit, 'a');
    EXPECT_EQ(json_value(exact), '"' + exact + '"');
    EXPECT_EQ(json_value(exact + 'b'), '"' + exact + "…\"");
    EXPECT_EQ(pretty_value(exact + 'b'), '"' + exact + "…\"");
    const std::string before(limit - 2, 'a');
    EXPECT_EQ(json_value(before + "😀"), '"' + before + "…\"");
    EXPECT_EQ(json_value(before + "é" + "z"), '"' + before + "é…\"");
    // What takes more room in the line than it had is cut by the line's measure, and never within an escape.
    const std::size_t ends = std::string_view("\"…\"").size();
    EXPECT_EQ(json_value(std::string(limit, '"')).size(), limit + ends);
    EXPECT_EQ(json_value(std::string(limit, '\x01')).size(), limit / 6 * 6 + ends);
    EXPECT_EQ(json_value(std::string(limit + 9, '\x80')).size(), limit / 3 * 3 + ends);
    EXPECT_TRUE(json_value(std::string(limit, '\x01')).ends_with("\\u0001…\""));
}

TEST(LogLine, LevelsAndFormatsHaveNames) {
    for (const LogLevel level :
         {LogLevel::debug, LogLevel::info, LogLevel::warn, LogLevel::error, LogLevel::off})
        EXPECT_EQ(parse_log_level(render_log_level(level)), level);
    EXPECT_EQ(render_log_level(LogLevel::warn), "warn");
    EXPECT_EQ(parse_log_level("WARN"), std::nullopt);
    EXPECT_EQ(parse_log_format("json"), LogFormat::json);
    EXPECT_EQ(parse_log_format("pretty"), LogFormat::pretty);
    EXPECT_EQ(parse_log_format(""), std::nullopt);
}

TEST(LogLine, CutsATextAtItsOwnLimit) {
    std::string line;
    const LogField fields[] = {{"agent", std::string_view("aaa\"\"b"), 6},
                               {"whole", std::string_view("aaa\"b"), 6}};
    append_json_line(line, {Time{}, LogLevel::info, "e", fields});
    EXPECT_NE(line.find("\"agent\":\"aaa\\\"…\",\"whole\":\"aaa\\\"b\"}"), std::string::npos) << line;
    line.clear();
    append_pretty_line(line, {Time{}, LogLevel::info, "e", std::span(fields).first(1)}, LogColours::no);
    EXPECT_NE(line.find(" agent=\"aaa\\\"…\"\n"), std::string::npos) << line;
}

}  // namespace
}  // namespace lodestone
