// Structured logs: an event's name and its fields, one line each, as JSON or for people's eyes.
// Callers never wait for the disk: lines go into a bounded buffer that one thread writes out; when the disk
// is full or slow, lines are dropped and counted, and the count is logged when it works again.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log_line.hpp"

namespace lodestone {

class LogWriter;

struct LogOptions {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::json;
    bool has_colours = false;
    std::string file;  // empty: standard error
};

class Log {
  public:
    // Throws std::system_error when the file cannot be opened for appending.
    Log(const LogOptions& options, const Clock& clock);
    ~Log();  // writes what is buffered

    bool is_enabled(LogLevel level) const {
        return level >= level_.load(std::memory_order_relaxed) && level != LogLevel::off;
    }
    void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }

    // `event` is a short fixed phrase; what varies goes into fields.
    void write(LogLevel level, std::string_view event, std::span<const LogField> fields);
    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {}) {
        write(level, event, std::span(fields.begin(), fields.size()));
    }
    void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::debug, event, fields);
    }
    void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::info, event, fields);
    }
    void warn(std::string_view event, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::warn, event, fields);
    }
    void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::error, event, fields);
    }

    // Opens the file anew, for log rotation; throws std::system_error and keeps the old one when that fails.
    void reopen();
    // Waits until everything written so far has been handed to the kernel (or dropped).
    void flush();
    std::uint64_t dropped_count() const;

  private:
    void render(std::string& out, const LogLine& line) const;

    const Clock& clock_;
    const LogOptions options_;
    std::atomic<LogLevel> level_;
    std::unique_ptr<LogWriter> writer_;
};

}  // namespace lodestone
