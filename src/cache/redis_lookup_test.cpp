// A host whose name server does not answer holds nobody up.
#include "cache/redis_lookup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <future>
#include <optional>
#include <utility>

#include "base/health.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/redis_limits.hpp"
#include "base/unique_fd.hpp"
#include "cache/redis_relay.hpp"
#include "support/heard.hpp"
#include "support/temp_folder.hpp"
#include "support/wait.hpp"

namespace lodestone::cache {

namespace {

using testing::HasSubstr;

// Answers nothing until the test is over.
class SilentResolver {
  public:
    ~SilentResolver() { end(); }
    void end() {
        if (!std::exchange(is_over_, true)) over_.set_value();
    }
    RedisLookup::Ask ask() {
        return [wait = over_.get_future().share()](const std::string& host, std::uint16_t port) {
            wait.wait();
            return RedisAddresses{.found = {{.family = port, .name = host}}, .fault = {}};
        };
    }

  private:
    std::promise<void> over_;
    bool is_over_ = false;
};

TEST(RedisLookup, FindsAddresses) {
    const SystemClock clock;
    RedisLookup lookup;
    const auto until = clock.steady_now() + std::chrono::minutes(1);
    EXPECT_EQ(lookup.find("127.0.0.1", 6379, clock, until, -1).found.size(), 1u);
    EXPECT_THAT(lookup.find("no name", 6379, clock, until, -1).fault,
                HasSubstr("no name cannot be looked up"));
}

TEST(RedisLookup, HasAnEnd) {
    const SystemClock clock;
    SilentResolver resolver;
    RedisLookup lookup(resolver.ask());
    const auto find = [&](std::chrono::milliseconds time, int stop = -1) {
        return lookup.find("redis.example", 7, clock, clock.steady_now() + time, stop);
    };
    const UniqueFd stop(::eventfd(1, EFD_CLOEXEC));
    EXPECT_THAT(find(std::chrono::hours(1), stop.value()).fault, HasSubstr("within the time"))
        << "called off";
    for (std::size_t i = 1; i < limits::redis_lookups; ++i)
        EXPECT_THAT(find(std::chrono::milliseconds(1)).fault, HasSubstr("within the time"));
    EXPECT_THAT(find(std::chrono::hours(1)).fault, HasSubstr("earlier tries have not ended"));
    resolver.end();
    EXPECT_TRUE(test::wait_until([&] { return find(std::chrono::hours(1)).fault.empty(); }));
    EXPECT_EQ(find(std::chrono::hours(1)).found.front().name, "redis.example");
}

TEST(RedisLookup, DoesNotKeepTheProgramFromEnding) {
    SilentResolver resolver;
    test::Heard nothing;
    const test::TempFolder folder;
    SystemClock clock;
    SystemRandom random;
    Metrics metrics;
    Health health;
    Log log(LogOptions{.level = LogLevel::info, .file = folder / "log"}, clock);
    Context context{clock, random, log, metrics, health};
    std::optional<RedisRelay> relay;
    RedisOptions options{.url = parse_redis_url("redis://redis.example").value(), .ca_file = {}, .node = {}};
    options.lookup = std::make_shared<RedisLookup>(resolver.ask());
    relay.emplace(std::move(options), context);
    auto watch = relay->watch("changes", nothing.callback());
    relay->tell("changes", "something");
    watch.reset();
    relay.reset();
    EXPECT_EQ(nothing.next(std::chrono::milliseconds(0)), "nothing");
}

}  // namespace

}  // namespace lodestone::cache
