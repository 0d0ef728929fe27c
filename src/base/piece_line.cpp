// The pieces stand behind a mutex that is held for moments only. A job runs while there are pieces; the loop
// is woken when half of them are free again, not for each.
#include "base/piece_line.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <vector>

#include "base/limits.hpp"
#include "base/worker_threads.hpp"

namespace lodestone {

namespace {

std::atomic<std::size_t> pieces_there = 0;  // of all lines

// A line that is alone goes far ahead, so that neither side sleeps for each piece; of many, each has few.
std::size_t most_under_way() {
    const bool is_roomy = pieces_there.load(std::memory_order_relaxed) < limits::pieces_for_long_lines;
    return is_roomy ? limits::pieces_of_long_line : limits::pieces_under_way;
}

}  // namespace

struct PieceLine::State {
    State() = default;
    ~State() { pieces_there.fetch_sub(made, std::memory_order_relaxed); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    struct Piece {
        std::unique_ptr<char[]> bytes;
        std::size_t size_bytes;
    };

    std::mutex mutex;
    std::deque<Piece> under_way;                 // the first one is being taken when a job runs
    std::vector<std::unique_ptr<char[]>> spare;  // so that few are needed where the worker is quicker
    std::size_t made = 0;                        // pieces, by this line
    bool has_job = false;
    bool is_abandoned = false;
    std::exception_ptr failure;
    std::function<void()> wake;  // whoever waits until so few are under way:
    std::size_t wake_at = 0;
    std::shared_ptr<PieceTaker> taker;

    bool is_at_most(std::size_t count) const { return failure || under_way.size() <= count; }
    void take_first(std::unique_lock<std::mutex>& lock);
    static void run(WorkerThreads& workers, std::shared_ptr<State> state);
};

void PieceLine::State::take_first(std::unique_lock<std::mutex>& lock) {
    const std::string_view bytes(under_way.front().bytes.get(), under_way.front().size_bytes);
    lock.unlock();
    std::exception_ptr thrown;
    try {
        taker->take(bytes);
    } catch (...) {
        thrown = std::current_exception();
    }
    lock.lock();
    failure = thrown;
    if (made <= most_under_way()) {
        spare.push_back(std::move(under_way.front().bytes));
    } else {
        --made;
        pieces_there.fetch_sub(1, std::memory_order_relaxed);
    }
    under_way.pop_front();
    if (!wake || !is_at_most(wake_at)) return;
    const auto waiter = std::exchange(wake, nullptr);
    waiter();
}

// To the back of the queue after some pieces, so that others get their turn.
void PieceLine::State::run(WorkerThreads& workers, std::shared_ptr<State> state) {
    std::unique_lock lock(state->mutex);
    const auto has_work = [&] {
        return !state->under_way.empty() && !state->failure && !state->is_abandoned;
    };
    for (std::size_t i = 0; i < limits::pieces_under_way && has_work(); ++i) state->take_first(lock);
    state->has_job = has_work();
    if (state->has_job) workers.submit([&workers, state] { run(workers, state); });
}

PieceLine::PieceLine(WorkerThreads& workers, std::shared_ptr<PieceTaker> taker)
    : workers_(workers), state_(std::make_shared<State>()) {
    state_->taker = std::move(taker);
}

PieceLine::~PieceLine() {
    const std::lock_guard lock(state_->mutex);
    state_->is_abandoned = true;
    // A job may hold the state for a moment longer. Whoever waits for the taker's end, of a file that it has
    // open, need not wait for that.
    if (state_->under_way.empty()) state_->taker.reset();
}

Task<> PieceLine::wait_until_under_way(std::size_t at_most) {
    using Token = boost::asio::use_awaitable_t<LoopExecutor>;
    // Whoever waits here is woken by the job that is under way; there is one as long as there are pieces.
    auto start = [this, at_most](auto handler) {
        const auto executor = boost::asio::get_associated_executor(handler);
        const auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        const auto resume = [executor, kept] {
            boost::asio::post(executor, [kept] { std::move (*kept)(); });
        };
        const std::lock_guard lock(state_->mutex);
        if (state_->is_at_most(at_most)) return resume();
        state_->wake_at = at_most;
        state_->wake = resume;
    };
    co_await boost::asio::async_initiate<const Token, void()>(std::move(start), Token{});
}

Task<std::span<char>> PieceLine::room() {
    if (!piece_) {
        const std::size_t most = most_under_way();
        bool is_full = false;
        {
            const std::lock_guard lock(state_->mutex);
            is_full = !state_->is_at_most(most - 1);
        }
        if (is_full) co_await wait_until_under_way(most / 2);
        const std::lock_guard lock(state_->mutex);
        if (state_->failure) std::rethrow_exception(state_->failure);
        if (!state_->spare.empty()) {
            piece_ = std::move(state_->spare.back());
            state_->spare.pop_back();
        } else {
            piece_ = std::make_unique_for_overwrite<char[]>(limits::worked_piece_bytes);
            ++state_->made;
            pieces_there.fetch_add(1, std::memory_order_relaxed);
        }
    }
    co_return std::span(piece_.get() + filled_bytes_, limits::worked_piece_bytes - filled_bytes_);
}

void PieceLine::fill(std::size_t size_bytes) {
    filled_bytes_ += size_bytes;
    if (filled_bytes_ == limits::worked_piece_bytes) hand_on();
}

void PieceLine::hand_on() {
    const std::lock_guard lock(state_->mutex);
    state_->under_way.push_back({std::move(piece_), std::exchange(filled_bytes_, 0)});
    if (std::exchange(state_->has_job, true)) return;
    workers_.submit([&workers = workers_, state = state_] { State::run(workers, state); });
}

Task<> PieceLine::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::span<char> place = co_await room();
        const std::size_t size_bytes = std::min(place.size(), bytes.size());
        std::memcpy(place.data(), bytes.data(), size_bytes);
        bytes.remove_prefix(size_bytes);
        fill(size_bytes);
    }
}

Task<> PieceLine::finish() {
    if (filled_bytes_ > 0) hand_on();
    co_await wait_until_under_way(0);
    const std::lock_guard lock(state_->mutex);
    if (state_->failure) std::rethrow_exception(state_->failure);
}

}  // namespace lodestone
