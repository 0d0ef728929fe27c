// The chunked coding: what decodes to what, and what is refused, however the bytes are cut.
#include "http/message/chunked.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lodestone::http {
namespace {

struct Decoded {
    std::string data;
    std::string fault;
    bool is_done = false;
    std::size_t consumed = 0;
};

// Feeds `piece_bytes` at a time, as packets would.
Decoded decode(std::string_view input, std::size_t piece_bytes) {
    ChunkDecoder decoder;
    Decoded decoded;
    std::size_t available = 0;
    while (!decoded.is_done && decoded.fault.empty()) {
        const auto step = decoder.step(input.substr(decoded.consumed, available - decoded.consumed));
        decoded.data += step.data;
        decoded.consumed += step.consumed;
        decoded.fault = step.fault;
        decoded.is_done = step.is_done;
        if (step.consumed == 0 && step.fault.empty() && !step.is_done) {
            if (available == input.size()) break;
            available = std::min(input.size(), available + piece_bytes);
        }
    }
    return decoded;
}

struct Case {
    std::string name, input, data;
};

TEST(ChunkDecoder, Decodes) {
    const std::vector<Case> cases{
        {"empty", "0\r\n\r\n", ""},
        {"one", "3\r\nabc\r\n0\r\n\r\n", "abc"},
        {"two", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"},
        {"hexadecimal", "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"},
        {"leading zeros", "0003\r\nabc\r\n00\r\n\r\n", "abc"},
        {"extension", "3;name=value\r\nabc\r\n0;last\r\n\r\n", "abc"},
        {"quoted extension", "3;a=\"b;c\"\r\nabc\r\n0\r\n\r\n", "abc"},
        {"trailers", "3\r\nabc\r\n0\r\nDigest: x\r\nA: b\r\n\r\n", "abc"},
        {"line ends within data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"},
    };
    for (const Case& c : cases) {
        for (const std::size_t piece : {1ul, 2ul, 7ul, 1000ul}) {
            const Decoded decoded = decode(c.input + "GET /", piece);
            EXPECT_EQ(decoded.data, c.data) << c.name << " by " << piece << ": " << decoded.fault;
            EXPECT_TRUE(decoded.is_done) << c.name;
            EXPECT_EQ(decoded.consumed, c.input.size()) << c.name << ": the next request must stay untouched";
        }
    }
}

TEST(ChunkDecoder, Refuses) {
    const std::vector<Case> cases{
        {"no size", "\r\nabc\r\n0\r\n\r\n", ""},
        {"extension without size", ";a=b\r\n\r\n", ""},
        {"minus", "-3\r\nabc", ""},
        {"plus", "+3\r\nabc", ""},
        {"prefix", "0x3\r\nabc", ""},
        {"letters", "xyz\r\n", ""},
        {"leading space", " 3\r\nabc", ""},
        {"trailing space", "3 \r\nabc", ""},
        {"bare LF after size", "3\nabc\r\n0\r\n\r\n", ""},
        {"bare CR after size", "3\rabc\r\n0\r\n\r\n", ""},
        {"too large", "FFFFFFFFFFFFFFFFF\r\n", ""},
        {"sixteen digits", "1000000000000000\r\n", ""},
        {"data longer than size", "3\r\nabcd\r\n0\r\n\r\n", ""},
        {"bare LF after data", "3\r\nabc\n0\r\n\r\n", ""},
        {"CR without LF after data", "3\r\nabc\rX0\r\n\r\n", ""},
        {"control in extension", "3;a=\x01\r\nabc", ""},
        {"LF in extension", "3;a\nb\r\nabc", ""},
        {"endless extension", "3;" + std::string(10'000, 'a') + "\r\nabc", ""},
        {"endless size", std::string(10'000, '0') + "\r\n", ""},
        {"folded trailer", "0\r\nA: b\r\n c\r\n\r\n", ""},
        {"trailer begins with colon", "0\r\n: b\r\n\r\n", ""},
        {"trailer without a colon", "0\r\njunk\r\n\r\n", ""},
        {"request instead of a trailer", "0\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ""},
        {"space before a trailer's colon", "0\r\nA : b\r\n\r\n", ""},
        {"bare LF after trailer", "0\r\nA: b\n\r\n", ""},
        {"bare LF at end", "0\r\n\n", ""},
        {"control in trailer", "0\r\nA: \x02\r\n\r\n", ""},
        {"endless trailers", "0\r\n" + std::string(20'000, 'a'), ""},
    };
    for (const Case& c : cases) {
        for (const std::size_t piece : {1ul, 3ul, 100'000ul}) {
            const Decoded decoded = decode(c.input, piece);
            EXPECT_FALSE(decoded.fault.empty()) << c.name << " by " << piece;
            EXPECT_FALSE(decoded.is_done) << c.name;
        }
    }
}

TEST(ChunkDecoder, IsNotDoneBeforeTheEnd) {
    const std::string whole = "3\r\nabc\r\n0\r\nA: b\r\n\r\n";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Decoded decoded = decode(whole.substr(0, size), 1000);
        EXPECT_FALSE(decoded.is_done) << size;
        EXPECT_TRUE(decoded.fault.empty()) << size << decoded.fault;
    }
}

}  // namespace
}  // namespace lodestone::http
