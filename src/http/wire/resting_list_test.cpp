// Who gives way first, with times that the test chooses.
#include "http/wire/resting_list.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <vector>

#include "base/limits.hpp"
#include "base/metrics.hpp"
#include "base/unique_fd.hpp"
#include "http/wire/loop.hpp"
#include "http/wire/stream.hpp"

namespace lodestone::http {
namespace {

const SteadyTime start = SteadyTime() + std::chrono::hours(1);
constexpr auto moment = std::chrono::milliseconds(1);

class RestingListTest : public ::testing::Test {
  public:
    RestingListTest() {
        for (auto& stream : streams_) stream = make_stream();
    }

  protected:
    std::unique_ptr<Stream> make_stream() {
        std::array<int, 2> pair{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
        peers_.emplace_back(pair[1]);
        Socket socket(loop_.executor());
        socket.assign({AF_UNIX, 0}, pair[0]);
        return std::make_unique<Stream>(loop_, std::move(socket));
    }
    Stream& stream(std::size_t index) { return *streams_.at(index); }

    Metrics metrics_;
    Loop loop_{metrics_};
    std::vector<UniqueFd> peers_;
    std::array<std::unique_ptr<Stream>, 3> streams_;
    RestingList list_;
};

TEST_F(RestingListTest, KnowsWhoHasRestedLongest) {
    EXPECT_EQ(list_.longest(start), std::nullopt);
    for (std::size_t i = 0; i < 3; ++i)
        list_.add(stream(i), Resting::Kind::answered, start + static_cast<int>(i) * moment);
    EXPECT_EQ(list_.longest(start), start);
    list_.remove(stream(1));
    EXPECT_EQ(list_.longest(start), start) << "the first is still there";
    list_.remove(stream(0));
    EXPECT_EQ(list_.longest(start), start + 2 * moment);
    list_.remove(stream(2));
    list_.remove(stream(2));
    EXPECT_EQ(list_.longest(start), std::nullopt);
}

TEST_F(RestingListTest, GivesNewcomersAMoment) {
    list_.add(stream(0), Resting::Kind::newcomer, start);
    EXPECT_EQ(list_.longest(start + limits::newcomer_timeout - moment), std::nullopt);
    EXPECT_EQ(list_.longest(start + limits::newcomer_timeout), start);
    list_.add(stream(1), Resting::Kind::answered, start + moment);
    EXPECT_EQ(list_.longest(start + 2 * moment), start + moment) << "who was answered has had its moment";
    EXPECT_EQ(list_.longest(start + limits::newcomer_timeout), start);
    list_.remove(stream(0));
    list_.remove(stream(1));
}

TEST_F(RestingListTest, FindsNobodyWhoDoesNotWait) {
    list_.add(stream(0), Resting::Kind::answered, start);
    EXPECT_FALSE(list_.make_room(start + moment)) << "its coroutine is not waiting: it is about to read";
    EXPECT_FALSE(stream(0).has_given_way());
    EXPECT_EQ(list_.longest(start), start);
    list_.remove(stream(0));
}

}  // namespace
}  // namespace lodestone::http
