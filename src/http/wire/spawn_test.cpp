// What nobody awaits and yet fails: it is told, and what the server is nothing without ends it.
#include "http/wire/spawn.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <stdexcept>
#include <string>

namespace lodestone::http {
namespace {

Task<> end(std::string how) {
    if (how == "exception") throw std::runtime_error("out of everything");
    if (how == "number") throw 42;
    co_return;
}

std::string heard_of(const std::string& how) {
    boost::asio::io_context loop;
    std::string heard;
    spawn(loop.get_executor(), end(how), [&](std::string_view why) { heard = why; });
    loop.run();
    return heard;
}

TEST(Spawn, TellsWhatWasThrown) {
    EXPECT_EQ(heard_of("well"), "");
    EXPECT_EQ(heard_of("exception"), "out of everything");
    EXPECT_EQ(heard_of("number"), "something that is no std::exception");
}

TEST(SpawnDeathTest, EndsTheProcessForWhatIsVital) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto run = [](const std::string& how) {
        boost::asio::io_context loop;
        spawn_vital(loop.get_executor(), end(how), "the heart");
        loop.run();
    };
    run("well");
    EXPECT_DEATH(run("exception"), "the heart failed: out of everything");
}

}  // namespace
}  // namespace lodestone::http
