// Counting what a crowd does between two moments, and the CPU time that the process took for it.
#include "crowd.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

namespace lodestone::bench {

namespace {

using Seconds = std::chrono::duration<double>;

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

Crowd::Crowd(std::size_t clients)
    : clients_(clients),
      counts_(std::make_unique<Count[]>(clients)),
      present_(static_cast<std::ptrdiff_t>(clients)) {}

std::uint64_t Crowd::total() const {
    std::uint64_t sum = 0;
    for (std::size_t client = 0; client < clients_; ++client)
        sum += counts_[client].value.load(std::memory_order_relaxed);
    return sum;
}

// A benchmark may sleep: it measures for a time.
Rate Crowd::measure(double seconds) {
    std::this_thread::sleep_for(Seconds(std::min(0.5, seconds / 4)));
    const std::uint64_t before = total();
    const double cpu_before = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(Seconds(seconds));
    const auto done = static_cast<double>(total() - before);
    const double took = Seconds(std::chrono::steady_clock::now() - start).count();
    const double cpu = cpu_seconds() - cpu_before;
    is_over_ = true;
    present_.wait();
    return {.per_second = done / took, .cpu_us = cpu / std::max(done, 1.0) * 1e6};
}

}  // namespace lodestone::bench
