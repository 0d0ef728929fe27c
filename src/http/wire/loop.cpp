// Loops and their sweep: every half second each loop looks at its streams once and ends the waits that are
// late. One timer per loop instead of one per operation is worth about a microsecond per request.
#include "http/wire/loop.hpp"

#include <pthread.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "http/message/request_head.hpp"
#include "http/wire/event.hpp"
#include "http/wire/run_beside.hpp"
#include "http/wire/spawn.hpp"
#include "http/wire/stream.hpp"

namespace lodestone::http {

namespace {

thread_local Loop* current_loop = nullptr;
thread_local WorkerThreads* workers_of_thread = nullptr;
constexpr std::size_t kept_buffers = 64;

// OpenSSL writes with write(2), which would end the process for a peer that has gone.
void block_broken_pipes() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

Loop::Loop(Metrics& metrics)
    : lag_(metrics.histogram("lodestone_loop_lag_seconds", "How late the event loops' timers fire.")) {
    // The first timer opens the loop's own descriptors: now, before a crowd of clients has taken all there
    // are.
    const Timer first(executor());
}

Loop::~Loop() = default;

void Loop::run() {
    current_loop = this;
    block_broken_pipes();
    auto keep_running = boost::asio::make_work_guard(context_);
    spawn_vital(executor(), sweep(), "the sweep for deadlines");
    context_.run();
    current_loop = nullptr;
}

void Loop::stop() {
    context_.stop();
}

std::unique_ptr<char[]> Loop::take_buffer() {
    if (buffers_.empty()) return std::make_unique_for_overwrite<char[]>(limits::head_bytes);
    auto buffer = std::move(buffers_.back());
    buffers_.pop_back();
    return buffer;
}

void Loop::give_buffer(std::unique_ptr<char[]> buffer) {
    if (buffers_.size() < kept_buffers) buffers_.push_back(std::move(buffer));
}

std::unique_ptr<RequestHead> Loop::take_head() {
    if (heads_.empty()) return std::make_unique<RequestHead>();
    auto head = std::move(heads_.back());
    heads_.pop_back();
    return head;
}

void Loop::give_head(std::unique_ptr<RequestHead> head) {
    if (heads_.size() < kept_buffers) heads_.push_back(std::move(head));
}

Task<> Loop::sweep() {
    Timer timer(executor());
    for (;;) {
        const SteadyTime due = std::chrono::steady_clock::now() + limits::sweep_interval;
        timer.expires_at(due);
        co_await timer.async_wait(boost::asio::use_awaitable_t<LoopExecutor>{});
        const SteadyTime now = std::chrono::steady_clock::now();
        lag_.observe(std::chrono::duration<double>(now - due).count());
        // Expiring cancels a wait, whose coroutine resumes later from the loop: the list does not change
        // here.
        for (Stream* stream = first_; stream != nullptr; stream = stream->next_) {
            if (now >= stream->deadline_) stream->expire();
        }
    }
}

void Loop::wake_idle_streams() {
    boost::asio::post(context_, [this] {
        for (Stream* stream = first_; stream != nullptr; stream = stream->next_)
            if (stream->is_idle_) stream->wake();
    });
}

void Loop::cancel_all_streams() {
    boost::asio::post(context_, [this] {
        for (Stream* stream = first_; stream != nullptr; stream = stream->next_) stream->cancel();
    });
}

void Loop::link(Stream& stream) {
    stream.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &stream;
    first_ = &stream;
}

void Loop::unlink(Stream& stream) {
    if (stream.previous_ != nullptr) stream.previous_->next_ = stream.next_;
    if (stream.next_ != nullptr) stream.next_->previous_ = stream.previous_;
    if (first_ == &stream) first_ = stream.next_;
}

Loops::Loops(std::size_t count, Metrics& metrics) : workers_(count) {
    ensure(count > 0, "a server needs at least one loop");
    loops_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>(metrics));
}

Loops::~Loops() {
    stop();
}

void Loops::start() {
    for (auto& loop : loops_)
        threads_.emplace_back([this, &loop = *loop] {
            workers_of_thread = &workers_;
            loop.run();
        });
}

void Loops::stop() {
    for (auto& loop : loops_) loop->stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    workers_.stop();
}

Loop& Loops::next() {
    return *loops_[turn_.fetch_add(1, std::memory_order_relaxed) % loops_.size()];
}

bool Loops::make_room() {
    const SteadyTime now = std::chrono::steady_clock::now();
    Loop* chosen = nullptr;
    SteadyTime longest = SteadyTime::max();
    for (const auto& loop : loops_) {
        const SteadyTime since = loop->resting().longest(now).value_or(SteadyTime::max());
        if (since >= longest) continue;
        longest = since;
        chosen = loop.get();
    }
    if (chosen == nullptr) return false;
    boost::asio::post(chosen->context(),
                      [chosen] { chosen->resting().make_room(std::chrono::steady_clock::now()); });
    return true;
}

Loop* Loops::current() {
    return current_loop;
}

WorkerThreads* current_workers() {
    return workers_of_thread;
}

}  // namespace lodestone::http
