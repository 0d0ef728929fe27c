// Clients that do one thing over and over, each as soon as it has its answer, and how often all of them
// managed it. They are coroutines on the loops, as in the server, or threads that block.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include "base/task.hpp"
#include "http/wire/loop.hpp"
#include "http/wire/spawn.hpp"

namespace lodestone::bench {

struct Rate {
    double per_second = 0;
    double cpu_us = 0;  // of this process, for each
};

class Crowd {
  public:
    explicit Crowd(std::size_t clients);

    bool is_over() const { return is_over_.load(std::memory_order_relaxed); }
    void count(std::size_t client) { counts_[client].value.fetch_add(1, std::memory_order_relaxed); }
    void leave() { present_.count_down(); }

    // On the thread that made the crowd: lets it warm up, counts for so long, and waits until all have left.
    Rate measure(double seconds);

  private:
    struct alignas(64) Count {
        std::atomic<std::uint64_t> value{0};
    };
    std::uint64_t total() const;

    const std::size_t clients_;
    std::unique_ptr<Count[]> counts_;
    std::atomic<bool> is_over_{false};
    std::latch present_;
};

template <class Operation>
Task<> repeat(Operation& operation, Crowd& crowd, std::size_t client) {
    while (!crowd.is_over()) {
        co_await operation(client);
        crowd.count(client);
    }
    crowd.leave();
}

// `operation(client)` answers a Task.
template <class Operation>
Rate measure_on_loops(http::Loops& loops, std::size_t clients, double seconds, Operation operation) {
    Crowd crowd(clients);
    for (std::size_t client = 0; client < clients; ++client)
        http::spawn_vital(loops.next().executor(), repeat(operation, crowd, client), "a client");
    return crowd.measure(seconds);
}

// `operation(client)` blocks.
template <class Operation>
Rate measure_on_threads(std::size_t clients, double seconds, Operation operation) {
    Crowd crowd(clients);
    std::vector<std::jthread> threads;
    for (std::size_t client = 0; client < clients; ++client)
        threads.emplace_back([&crowd, &operation, client] {
            for (; !crowd.is_over(); crowd.count(client)) operation(client);
            crowd.leave();
        });
    return crowd.measure(seconds);
}

}  // namespace lodestone::bench
