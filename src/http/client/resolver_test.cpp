// Name resolution off the loop: literals, names of this machine, and deadlines that are kept.
#include "http/client/resolver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <future>

namespace lodestone::http {
namespace {

using State = Resolver::Answer::State;

Resolver::Answer resolve(boost::asio::io_context& context, Resolver& resolver, std::string host,
                         SteadyTime deadline = SteadyTime::max()) {
    Resolver::Answer answer{State::busy};
    boost::asio::co_spawn(context, resolver.resolve(std::move(host), deadline),
                          [&](std::exception_ptr error, Resolver::Answer result) {
                              EXPECT_EQ(error, nullptr);
                              answer = std::move(result);
                          });
    context.restart();
    context.run();
    return answer;
}

TEST(Resolver, ResolvesAddressesAndNames) {
    boost::asio::io_context context(1);
    Resolver resolver(context.get_executor(), std::make_shared<LookupThreads>());
    const auto loopback = *parse_address("127.0.0.1");
    const auto literal = resolve(context, resolver, "192.0.2.7");
    EXPECT_EQ(literal.state, State::resolved);
    EXPECT_EQ(literal.addresses, std::vector{*parse_address("192.0.2.7")});
    EXPECT_EQ(resolve(context, resolver, "2001:db8::1").addresses,
              std::vector{*parse_address("2001:db8::1")});
    for (int i = 0; i < 2; ++i) {
        const auto named = resolve(context, resolver, "localhost");
        EXPECT_EQ(named.state, State::resolved) << named.detail;
        EXPECT_NE(std::ranges::find(named.addresses, loopback), named.addresses.end());
    }
    EXPECT_EQ(resolve(context, resolver, "localhost", SteadyTime::min()).state, State::resolved)
        << "what is remembered needs no time";
}

TEST(Resolver, DoesNotWaitBeyondTheDeadline) {
    boost::asio::io_context context(1);
    Resolver resolver(context.get_executor(), std::make_shared<LookupThreads>());
    EXPECT_EQ(resolve(context, resolver, "localhost", SteadyTime::min()).state, State::timed_out);
    EXPECT_EQ(resolve(context, resolver, "localhost").state, State::resolved)
        << "the lookup that was given up serves the next";
}

TEST(Resolver, KnowsWhatIsNoHost) {
    boost::asio::io_context context(1);
    Resolver resolver(context.get_executor(), std::make_shared<LookupThreads>());
    // A label over 63 bytes is refused without asking anybody.
    const auto answer = resolve(context, resolver, std::string(64, 'a') + ".invalid");
    EXPECT_EQ(answer.state, State::unknown_host);
    EXPECT_NE(answer.detail, "");
}

}  // namespace
}  // namespace lodestone::http
