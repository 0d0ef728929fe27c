// An event loop: one thread, one io_context, one epoll. A connection lives and dies on the loop that got it,
// so nothing on it needs a lock.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"
#include "base/worker_threads.hpp"
#include "http/wire/resting_list.hpp"

namespace lodestone::http {

class Stream;
struct RequestHead;

class Loop {
  public:
    explicit Loop(Metrics& metrics);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    boost::asio::io_context& context() { return context_; }
    LoopExecutor executor() { return context_.get_executor(); }
    void run();   // until stop(); on the calling thread
    void stop();  // from any thread

    // From any thread: lets the idle streams' connections look around, or ends every stream's waits.
    void wake_idle_streams();
    void cancel_all_streams();
    // The streams that wait for a request; to be changed on this loop's own thread.
    RestingList& resting() { return resting_; }

    // What reading a head takes, kept for the next request: buffers of limits::head_bytes, and parsed heads.
    std::unique_ptr<char[]> take_buffer();
    void give_buffer(std::unique_ptr<char[]> buffer);
    std::unique_ptr<RequestHead> take_head();
    void give_head(std::unique_ptr<RequestHead> head);

  private:
    friend class Stream;
    Task<> sweep();  // ends what has passed its deadline, measures how late it runs
    void link(Stream& stream);
    void unlink(Stream& stream);

    Stream* first_ = nullptr;
    RestingList resting_;
    std::vector<std::unique_ptr<char[]>> buffers_;
    std::vector<std::unique_ptr<RequestHead>> heads_;
    Histogram& lag_;
    boost::asio::io_context context_{1};  // last: it destroys coroutines, which give back what they hold
};

// One loop and thread per core (or as many as asked for).
class Loops {
  public:
    Loops(std::size_t count, Metrics& metrics);
    ~Loops();  // stops and joins, the workers too
    void start();
    void stop();
    std::size_t size() const { return loops_.size(); }
    Loop& at(std::size_t index) { return *loops_[index]; }
    Loop& next();  // in turn
    // For what would hold a loop up: as many threads as loops.
    WorkerThreads& workers() { return workers_; }
    // From any thread: lets the stream give way that has rested longest, a moment later. False when none
    // does.
    bool make_room();
    static Loop* current();  // of the calling thread, or null

  private:
    WorkerThreads workers_;  // outlives what runs on the loops, and stops before they go: its jobs wake them
    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<std::thread> threads_;
    std::atomic<std::size_t> turn_{0};
};

}  // namespace lodestone::http
