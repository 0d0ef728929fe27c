// Structured logs: an event's name and its fields, one line each, as JSON or for people's eyes.
// Callers never wait for the disk: lines go into a bounded buffer that one thread writes out; when the disk
// is full or slow, lines are dropped and counted, and the count is logged when it works again.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"

namespace lodestone {

enum class LogLevel : std::uint8_t { debug, info, warn, error, off };
enum class LogFormat : std::uint8_t { json, pretty };

struct LogField {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;
};

struct LogOptions {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::json;
    bool has_colours = false;
    std::string file;  // empty: standard error
};

class Log {
  public:
    Log(const LogOptions& options, const Clock& clock);
    ~Log();  // writes what is buffered

    bool is_enabled(LogLevel level) const;
    void set_level(LogLevel level);

    // `event` is a short fixed phrase; what varies goes into fields.
    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
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
    class Writer;
    std::unique_ptr<Writer> writer_;
};

}  // namespace lodestone
