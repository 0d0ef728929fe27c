// What begins anew behind a body.
#include "packages/incoming.hpp"

#include <gtest/gtest.h>

#include "identity/identity.hpp"
#include "support/gate_runner.hpp"
#include "support/identity_world.hpp"
#include "support/received_headers.hpp"

namespace lodestone::packages {
namespace {

// However many parts of a body have come, and however long they took.
TEST(BeginAnew, GivesTheTimeOfARequestAndNoMore) {
    FakeClock clock;
    SystemRandom random;
    Metrics metrics;
    Health health;
    Log log(LogOptions{.level = LogLevel::off}, clock);
    Context context{clock, random, log, metrics, health};
    identity::Identity identity(context, {.vault = test::test_vault(), .gate = {}});
    context.identity = &identity;
    const http::Route route{http::Method::patch, "/upload", http::Access::open, nullptr};
    const http::ReceivedHeaders headers = test::make_headers({});
    http::Request request;
    request.headers = &headers;
    request.match = {&route, {}};
    request.started = clock.steady_now();
    request.allowed_time = std::chrono::seconds(60);
    request.deadline = request.started + request.allowed_time;
    boost::asio::io_context loop{1};
    for (int part = 0; part < 3; ++part) {
        clock.advance(std::chrono::hours(1));
        test::run_to_end(loop, begin_anew(context, request));
        EXPECT_EQ(request.deadline, clock.steady_now() + std::chrono::seconds(60)) << part;
    }
    EXPECT_EQ(unit_behind_body(request).deadline, SteadyTime::max());
}

}  // namespace
}  // namespace lodestone::packages
