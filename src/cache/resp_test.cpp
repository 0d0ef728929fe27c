// Replies, whole and in pieces; and what is none, or more than we ever ask for.
#include "cache/resp.hpp"

#include <gtest/gtest.h>

#include "base/redis_limits.hpp"

namespace lodestone::cache {

namespace {

using Kind = RespScalar::Kind;

std::string state_of(const std::string& bytes) {
    const RespParsed parsed = parse_resp(bytes);
    if (parsed.is_broken) return "broken";
    return parsed.reply ? "whole" : "more";
}

RespReply scalar(Kind kind, std::string text = {}, std::int64_t integer = 0) {
    return {.scalar = {kind, std::move(text), integer}, .is_array = false, .items = {}};
}

TEST(Resp, ReadsEachType) {
    EXPECT_EQ(parse_resp("+OK\r\n").reply, scalar(Kind::status, "OK"));
    EXPECT_EQ(parse_resp("-ERR no such thing\r\n").reply, scalar(Kind::error, "ERR no such thing"));
    EXPECT_EQ(parse_resp(":-12\r\n").reply, scalar(Kind::integer, "", -12));
    EXPECT_EQ(parse_resp("$3\r\na\r\n\r\n").reply, scalar(Kind::text, "a\r\n"))
        << "a text may hold line ends";
    EXPECT_EQ(parse_resp("$0\r\n\r\n").reply, scalar(Kind::text));
    EXPECT_EQ(parse_resp("$-1\r\n").reply, scalar(Kind::null));
    EXPECT_EQ(parse_resp("*-1\r\n").reply, scalar(Kind::null));
    const RespReply message = *parse_resp("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n:1\r\n").reply;
    EXPECT_TRUE(message.is_array);
    ASSERT_EQ(message.items.size(), 3u);
    EXPECT_EQ(message.items[0], (RespScalar{Kind::text, "message", 0}));
    EXPECT_EQ(message.items[2], (RespScalar{Kind::integer, "", 1}));
    EXPECT_TRUE(parse_resp("*0\r\n").reply->is_array);
}

TEST(Resp, TakesNoMoreThanOneReply) {
    const std::string two = "+OK\r\n+PONG\r\n";
    const RespParsed first = parse_resp(two);
    EXPECT_TRUE(first.reply->is_status("OK"));
    EXPECT_TRUE(parse_resp(std::string_view(two).substr(first.used_bytes)).reply->is_status("PONG"));
}

TEST(Resp, WaitsForTheRest) {
    for (const std::string& whole :
         {std::string("+OK\r\n"), std::string("$5\r\nhello\r\n"), std::string("*2\r\n$1\r\na\r\n:7\r\n")}) {
        for (std::size_t size = 0; size < whole.size(); ++size)
            EXPECT_EQ(state_of(whole.substr(0, size)), "more") << whole << size;
        EXPECT_EQ(state_of(whole), "whole");
    }
}

TEST(Resp, RefusesWhatIsNone) {
    for (const std::string bytes : {"HTTP/1.1 400 Bad Request\r\n", "+OK\n", "+O\nK\r\n", "+OK\rX", ":\r\n",
                                    ":1x\r\n", ":99999999999999999999\r\n", "$-2\r\n", "$3\r\nabcd\r\n",
                                    "$3\r\nabc\rX", "*-2\r\n", "*1\r\n*1\r\n:1\r\n", "*17\r\n", "$65537\r\n",
                                    "$9223372036854775807\r\n", "%1\r\n", "\r\n", "\x16\x03\x01"})
        EXPECT_EQ(state_of(bytes), "broken") << bytes;
}

TEST(Resp, IsBounded) {
    EXPECT_EQ(state_of("+" + std::string(limits::redis_reply_bytes - 2, 'x')), "more");
    EXPECT_EQ(state_of("+" + std::string(limits::redis_reply_bytes, 'x')), "broken");
    const std::string half = "$40000\r\n" + std::string(40'000, 'x') + "\r\n";
    EXPECT_EQ(state_of("*2\r\n" + half + half), "broken") << "each would do, both do not";
}

TEST(Resp, WritesCommands) {
    EXPECT_EQ(render_command({"PUBLISH", "c", ""}), "*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$0\r\n\r\n");
    EXPECT_EQ(render_command({"AUTH", "a\r\nQUIT"}), "*2\r\n$4\r\nAUTH\r\n$7\r\na\r\nQUIT\r\n");
}

}  // namespace

}  // namespace lodestone::cache
