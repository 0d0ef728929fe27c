// A loop of src/http on a thread of its own, for tests of what stands on the client.
#pragma once

#include <future>
#include <thread>
#include <utility>

#include "base/metrics.hpp"
#include "http/wire/loop.hpp"
#include "support/loop_thread.hpp"

namespace lodestone::test {

class HttpLoopThread {
  public:
    explicit HttpLoopThread(Metrics& metrics) : loop_(metrics), thread_([this] { loop_.run(); }) {}
    ~HttpLoopThread() { stop(); }
    HttpLoopThread(const HttpLoopThread&) = delete;
    HttpLoopThread& operator=(const HttpLoopThread&) = delete;

    LoopExecutor executor() { return loop_.executor(); }
    template <class Result>
    std::future<Result> start(Task<Result> task) {
        return start_on(loop_.executor(), std::move(task));
    }
    template <class Result>
    Result run(Task<Result> task) {
        return start(std::move(task)).get();
    }
    // The loop itself stays until the end: what waits on it goes then.
    void stop() {
        if (!thread_.joinable()) return;
        loop_.stop();
        thread_.join();
    }

  private:
    http::Loop loop_;
    std::thread thread_;
};

}  // namespace lodestone::test
