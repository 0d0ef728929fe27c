// A gate on a loop of its own, for a test's thread: admits a request, or says why not.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "identity/gate/gate.hpp"
#include "identity/secrets/keyed_hash.hpp"

namespace lodestone::test {

// Runs a coroutine to its end on the calling thread; what it throws comes out.
template <class T>
T run_to_end(boost::asio::io_context& loop, Task<T> task) {
    std::exception_ptr failure;
    std::optional<T> result;
    boost::asio::co_spawn(loop.get_executor(), std::move(task), [&](std::exception_ptr thrown, T value) {
        failure = std::move(thrown);
        result.emplace(std::move(value));
    });
    loop.restart();
    loop.run();
    if (failure) std::rethrow_exception(failure);
    return *std::move(result);
}
inline void run_to_end(boost::asio::io_context& loop, Task<> task) {
    std::exception_ptr failure;
    boost::asio::co_spawn(loop.get_executor(), std::move(task),
                          [&](std::exception_ptr thrown) { failure = std::move(thrown); });
    loop.restart();
    loop.run();
    if (failure) std::rethrow_exception(failure);
}

// What is refused; nothing when it comes to its end.
inline std::optional<Problem> find_refusal(boost::asio::io_context& loop, Task<> task) {
    try {
        run_to_end(loop, std::move(task));
    } catch (const Problem& problem) {
        return problem;
    }
    return std::nullopt;
}

// What the gate says to a request whose route, headers and peer are set; nothing when it lets it through.
inline std::optional<Problem> find_refusal(boost::asio::io_context& loop, identity::Gate& gate,
                                           http::Request& request) {
    return find_refusal(loop, gate.admit(request));
}

// Without a database.
class GateRunner {
  public:
    explicit GateRunner(const identity::Operators& operators)
        : gate_(context_, {.operators = operators}, hasher_) {}
    std::optional<Problem> find_refusal(http::Request& request) {
        return test::find_refusal(loop_, gate_, request);
    }

  private:
    boost::asio::io_context loop_{1};
    FakeClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::off}, clock_};
    Context context_{clock_, random_, log_, metrics_, health_};
    identity::KeyedHash hasher_{"pepper of this test"};
    identity::Gate gate_;
};

}  // namespace lodestone::test
