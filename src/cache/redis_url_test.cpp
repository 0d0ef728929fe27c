// Where a Redis is: what is understood, and what is refused.
#include "cache/redis_url.hpp"

#include <gtest/gtest.h>

namespace lodestone::cache {

namespace {

TEST(RedisUrl, SaysWhereAndAsWhom) {
    EXPECT_EQ(parse_redis_url("redis://cache.example"), (RedisUrl{.host = "cache.example"}));
    EXPECT_EQ(parse_redis_url("redis://cache.example/"), (RedisUrl{.host = "cache.example"}));
    EXPECT_EQ(parse_redis_url("rediss://cache.example:6380/3"),
              (RedisUrl{.is_tls = true, .host = "cache.example", .port = 6380, .database = 3}));
    EXPECT_EQ(parse_redis_url("redis://:s%40cret@[::1]:7000"),
              (RedisUrl{.host = "::1", .port = 7000, .password = "s@cret"}));
    EXPECT_EQ(parse_redis_url("redis://ann:a:b@127.0.0.1"),
              (RedisUrl{.host = "127.0.0.1", .user = "ann", .password = "a:b"}));
}

TEST(RedisUrl, RefusesWhatIsNone) {
    for (const char* text : {"",
                             "cache.example",
                             "http://cache.example",
                             "redis:cache.example",
                             "redis://",
                             "redis:///0",
                             "redis://:6379",
                             "redis://ann@cache.example",
                             "redis://ann:@cache.example",
                             "redis://:a@b@cache.example",
                             "redis://:%4@cache.example",
                             "redis://:%zz@cache.example",
                             "redis://cache.example:0",
                             "redis://cache.example:65536",
                             "redis://cache.example:x",
                             "redis://cache.example:",
                             "redis://cache.example/x",
                             "redis://cache.example/0/1",
                             "redis://cache.example/10000",
                             "redis://cache.example?db=1",
                             "redis://cache.example#1",
                             "redis://cache example",
                             "redis://[::1",
                             "redis://[cache.example]",
                             "redis://[::1]x",
                             "redis://cache.example\n",
                             "redis://\xc3\xa4.example"})
        EXPECT_EQ(parse_redis_url(text), std::nullopt) << text;
    EXPECT_EQ(parse_redis_url("redis://" + std::string(5'000, 'a')), std::nullopt);
}

TEST(RedisUrl, IsShownWithoutItsSecret) {
    EXPECT_EQ(render_redis_place(*parse_redis_url("redis://ann:secret@cache.example/2")),
              "redis://cache.example:6379/2");
    EXPECT_EQ(render_redis_place(*parse_redis_url("rediss://:secret@[::1]:7000")), "rediss://[::1]:7000/0");
}

}  // namespace

}  // namespace lodestone::cache
