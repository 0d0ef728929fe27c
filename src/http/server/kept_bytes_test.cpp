// Bytes that are kept, as an answer: whole, in parts, and to a peer that takes them as slowly as it likes.
#include "base/kept_bytes.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "base/limits.hpp"
#include "http/server/server.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace lodestone::http {
namespace {

using test::Answer;
using test::RawClient;

std::string numbers(std::size_t size_bytes) {
    std::string text;
    for (int i = 0; text.size() < size_bytes; ++i) text += std::to_string(i) + ' ';
    text.resize(size_bytes);
    return text;
}

std::string get(const std::string& headers = "", const std::string& method = "GET") {
    return method + " / HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
}

// Just below and above the size from which they lie in a file, and above what goes out at once.
class KeptAnswer : public testing::TestWithParam<std::size_t> {
  protected:
    const std::string content_ = numbers(GetParam());
    test::TestServer server_{[this](Exchange& exchange) -> Task<> {
        const auto kept = std::make_shared<const KeptBytes>(content_);
        Response response;
        response.etag = "\"k\"";
        response.body = send_kept(*kept, kept);
        co_await exchange.send(std::move(response));
    }};
};
INSTANTIATE_TEST_SUITE_P(Sizes, KeptAnswer,
                         testing::Values(limits::memory_file_bytes - 1, limits::memory_file_bytes,
                                         100 * limits::kib, 300 * limits::kib));

TEST_P(KeptAnswer, IsHadWholeAndInParts) {
    RawClient client(server_.port());
    const Answer head = client.exchange(get("", "HEAD"), RawClient::HasBody::no);
    EXPECT_EQ(head.header("content-length"), std::to_string(content_.size()));
    EXPECT_TRUE(client.exchange(get()).body == content_);
    EXPECT_EQ(client.exchange(get("If-None-Match: \"k\"\r\n")).status, 304);
    const Answer part = client.exchange(get("Range: bytes=1000-1999\r\n"));
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, content_.substr(1000, 1000));
    const Answer parts = client.exchange(get("Range: bytes=0-9,20000-20009\r\n"));
    EXPECT_TRUE(parts.is_whole);
    EXPECT_NE(parts.body.find(content_.substr(20'000, 10)), std::string::npos);
}

// The sockets are full before the first answer is read, so answers are cut anywhere, in their heads, too.
TEST_P(KeptAnswer, ArrivesWholeHoweverItIsCut) {
    RawClient client(server_.port());
    constexpr int count = 200;
    std::string all;
    for (int i = 0; i < count; ++i) all += get();
    ASSERT_TRUE(client.send(all));
    for (int i = 0; i < count; ++i) {
        const Answer answer = client.read_answer();
        ASSERT_EQ(answer.status, 200) << i;
        ASSERT_TRUE(answer.body == content_) << i;
    }
}

}  // namespace
}  // namespace lodestone::http
