// read_all: pieces are put together, and no limit is passed, neither a promised nor a real one.
#include "http/wire/body.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <limits>
#include <vector>

#include "base/problem.hpp"

namespace lodestone::http {
namespace {

class Pieces final : public BodySource {
  public:
    Pieces(std::vector<std::string> pieces, std::optional<std::uint64_t> length)
        : pieces_(std::move(pieces)), length_(length) {}
    Task<std::string_view> next() override {
        ++calls;
        if (index_ == pieces_.size()) co_return std::string_view();
        co_return pieces_[index_++];
    }
    std::optional<std::uint64_t> length() const override { return length_; }
    int calls = 0;

  private:
    std::vector<std::string> pieces_;
    std::optional<std::uint64_t> length_;
    std::size_t index_ = 0;
};

std::string read(BodySource& source, std::uint64_t limit_bytes) {
    boost::asio::io_context loop;
    std::exception_ptr fault;
    std::string body;
    boost::asio::co_spawn(loop, read_all(source, limit_bytes), [&](std::exception_ptr e, std::string text) {
        fault = e;
        body = std::move(text);
    });
    loop.run();
    if (fault) std::rethrow_exception(fault);
    return body;
}

int refused_status(BodySource& source, std::uint64_t limit_bytes) {
    try {
        read(source, limit_bytes);
    } catch (const Problem& problem) {
        return problem.status();
    }
    return 0;
}

TEST(ReadAll, PutsPiecesTogether) {
    Pieces none({}, 0);
    EXPECT_EQ(read(none, 0), "");
    Pieces some({"ab", "c", "def"}, std::nullopt);
    EXPECT_EQ(read(some, 6), "abcdef");
    Pieces known({"abc"}, 3);
    EXPECT_EQ(read(known, 3), "abc");
}

TEST(ReadAll, RefusesAPromiseBeforeReading) {
    Pieces source({"abcd"}, 4);
    EXPECT_EQ(refused_status(source, 3), 413);
    EXPECT_EQ(source.calls, 0);
    Pieces endless({"abcd"}, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(refused_status(endless, 3), 413);
}

TEST(ReadAll, RefusesWhatGrowsTooLarge) {
    Pieces source({"ab", "cd", "ef"}, std::nullopt);
    EXPECT_EQ(refused_status(source, 3), 413);
    EXPECT_EQ(source.calls, 2);
}

TEST(ReadAll, PromisesAloneTakeNoMemory) {
    Pieces source({"ab"}, std::uint64_t{1} << 60);
    EXPECT_EQ(read(source, std::numeric_limits<std::uint64_t>::max()), "ab");
}

}  // namespace
}  // namespace lodestone::http
