// The writer thread: swaps the buffer for an empty one, writes it in one piece, and keeps account of what is
// lost. Waiting here is by the real clock: it is about the machine, not about the program's time.
#include "base/log_writer.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>

#include "base/limits.hpp"

namespace lodestone {
namespace {

// How often a sink that failed is tried when no new line asks for it.
constexpr auto retry_interval = std::chrono::milliseconds{500};

// Signals are for the threads that expect them, and SIGPIPE of a closed pipe becomes EPIPE.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

LogWriter::LogWriter(LogSink sink, RenderLost render_lost, std::chrono::milliseconds coalesce)
    : sink_(std::move(sink)), render_lost_(std::move(render_lost)), coalesce_(coalesce) {
    // Reserved at once so that no caller pays for growth; untouched pages cost nothing.
    pending_.reserve(limits::log_buffer_bytes);
    batch_.reserve(limits::log_buffer_bytes);
    const SignalsBlocked blocked;
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "log");
}

LogWriter::~LogWriter() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void LogWriter::append(std::string_view line, Haste haste, Importance importance) {
    const std::size_t reserve_bytes = importance == Importance::high ? 0 : limits::log_reserve_bytes;
    bool must_wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (pending_.size() + line.size() + reserve_bytes > limits::log_buffer_bytes) {
            drop_lines(line, 0);
            return;
        }
        pending_ += line;
        appended_bytes_ += line.size();
        const bool is_urgent = haste == Haste::yes || pending_.size() > limits::log_buffer_bytes / 2;
        must_wake = is_idle_ || (is_urgent && !is_urgent_);
        is_urgent_ = is_urgent_ || is_urgent;
        is_idle_ = false;
    }
    if (must_wake) wake_.notify_one();
}

void LogWriter::replace_sink(LogSink sink) {
    const std::lock_guard lock(mutex_);
    next_sink_ = std::move(sink);
}

void LogWriter::flush() {
    std::unique_lock lock(mutex_);
    const std::uint64_t target = appended_bytes_;
    if (settled_bytes_ >= target) return;
    is_urgent_ = true;
    wake_.notify_one();
    settled_.wait(lock, [&] { return settled_bytes_ >= target; });
}

void LogWriter::run() {
    std::unique_lock lock(mutex_);
    bool is_last = false;
    while (!is_last) {
        wait_for_lines(lock);
        batch_.clear();
        batch_.swap(pending_);
        const std::uint64_t target = appended_bytes_;
        std::optional<LogSink> sink = std::exchange(next_sink_, std::nullopt);
        is_urgent_ = false;
        is_last = is_stopping_;
        lock.unlock();
        if (sink) start_sink(std::move(*sink));
        write_batch();
        lock.lock();
        settled_bytes_ = target;
        settled_.notify_all();
    }
}

void LogWriter::wait_for_lines(std::unique_lock<std::mutex>& lock) {
    const auto is_hurried = [this] { return is_urgent_ || is_stopping_; };
    const auto has_work = [&] { return is_hurried() || !pending_.empty(); };
    is_idle_ = true;
    if (reported_ == dropped_count() && torn_rest_.empty()) {
        wake_.wait(lock, has_work);
    } else {
        wake_.wait_for(lock, retry_interval, has_work);
    }
    is_idle_ = false;
    if (!pending_.empty()) wake_.wait_for(lock, coalesce_, is_hurried);
}

void LogWriter::write_batch() {
    if (!write_owed()) return drop_lines(batch_, dropped_error_.load(std::memory_order_relaxed));
    const std::string_view lines = batch_;
    const LogSink::Outcome outcome = sink_.write(lines);
    if (outcome.error == 0) return;
    std::string_view rest = lines.substr(outcome.written_bytes);
    if (outcome.written_bytes > 0 && lines[outcome.written_bytes - 1] != '\n') {
        torn_rest_ = rest.substr(0, rest.find('\n') + 1);
        rest.remove_prefix(torn_rest_.size());
    }
    drop_lines(rest, outcome.error);
}

// What goes before new lines: the end of a torn one, then the count of the lost. False when it cannot be
// written.
bool LogWriter::write_owed() {
    if (!torn_rest_.empty()) {
        const LogSink::Outcome outcome = sink_.write(torn_rest_);
        torn_rest_.erase(0, outcome.written_bytes);
        if (outcome.error != 0) {
            dropped_error_.store(outcome.error, std::memory_order_relaxed);
            return false;
        }
    }
    const std::uint64_t dropped = dropped_count();
    if (dropped == reported_) return true;
    const std::string line =
        render_lost_({dropped - reported_, dropped_error_.load(std::memory_order_relaxed)});
    const LogSink::Outcome outcome = sink_.write(line);
    if (outcome.written_bytes > 0) {
        reported_ = dropped;
        torn_rest_ = line.substr(outcome.written_bytes);
    }
    return outcome.error == 0;
}

void LogWriter::drop_lines(std::string_view lines, int error) {
    const auto count = static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
    if (count == 0) return;
    dropped_error_.store(error, std::memory_order_relaxed);
    dropped_.fetch_add(count, std::memory_order_relaxed);
}

// The end of a line that was torn belongs to the old file and is lost with it.
void LogWriter::start_sink(LogSink sink) {
    sink_ = std::move(sink);
    if (std::exchange(torn_rest_, {}).empty()) return;
    dropped_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace lodestone
