// The bounded buffer of log lines and the one thread that writes it out. Callers hold a mutex for the length
// of a copy; a slow or full disk costs lines, which are counted, never time.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/limits.hpp"
#include "base/log_sink.hpp"

namespace lodestone {

class LogWriter {
  public:
    struct Lost {
        std::uint64_t line_count;
        int error;  // the last reason; 0: the buffer was full
    };
    // Renders the line that says how many lines are missing before it. Called on the writer's thread.
    using RenderLost = std::function<std::string(const Lost&)>;
    enum class Haste : bool { no, yes };
    // An ordinary line leaves limits::log_reserve_bytes free: who floods us with requests does not silence
    // what an operator must hear.
    enum class Importance : bool { ordinary, high };

    // A line without haste waits at most `coalesce` for others.
    LogWriter(LogSink sink, RenderLost render_lost,
              std::chrono::milliseconds coalesce = limits::log_coalesce);
    ~LogWriter();  // writes what is buffered
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    // Takes one whole line with its newline. Haste wakes the writer at once, else lines wait for company.
    void append(std::string_view line, Haste haste, Importance importance = Importance::ordinary);
    // What is buffered may still go to the old sink, what is appended from now on goes to the new one.
    void replace_sink(LogSink sink);
    void flush();
    std::uint64_t dropped_count() const { return dropped_.load(std::memory_order_relaxed); }

  private:
    void run();
    void wait_for_lines(std::unique_lock<std::mutex>& lock);
    void write_batch();
    bool write_owed();
    void drop_lines(std::string_view lines, int error);
    void start_sink(LogSink sink);

    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable settled_;
    std::string pending_;
    std::optional<LogSink> next_sink_;
    std::uint64_t appended_bytes_ = 0;
    std::uint64_t settled_bytes_ = 0;
    bool is_idle_ = false;
    bool is_urgent_ = false;
    bool is_stopping_ = false;

    std::atomic<std::uint64_t> dropped_{0};
    std::atomic<int> dropped_error_{0};

    // The writer thread's own.
    LogSink sink_;
    const RenderLost render_lost_;
    const std::chrono::milliseconds coalesce_;
    std::string batch_;
    std::string torn_rest_;  // of a line whose beginning was written; goes out before anything else
    std::uint64_t reported_ = 0;
    std::thread thread_;
};

}  // namespace lodestone
