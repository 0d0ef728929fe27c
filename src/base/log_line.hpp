// One log line: an event's name and its fields, rendered as JSON or for people's eyes.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "base/limits.hpp"

namespace lodestone {

enum class LogLevel : std::uint8_t { debug, info, warn, error, off };
enum class LogFormat : std::uint8_t { json, pretty };

// By the names that the configuration and the lines use: "debug" … "off", "json" and "pretty".
std::string_view render_log_level(LogLevel level);
std::optional<LogLevel> parse_log_level(std::string_view name);
std::optional<LogFormat> parse_log_format(std::string_view name);

// What a field may hold. Text is borrowed: a field lives only as long as the call that logs it.
class LogValue {
  public:
    using Variant = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

    template <std::convertible_to<std::string_view> Text>
    LogValue(const Text& text) : held_(std::string_view(text)) {}
    template <std::signed_integral Number>
    LogValue(Number number) : held_(static_cast<std::int64_t>(number)) {}
    template <std::unsigned_integral Number>
        requires(!std::same_as<Number, bool>)
    LogValue(Number number) : held_(static_cast<std::uint64_t>(number)) {}
    template <std::floating_point Number>
    LogValue(Number number) : held_(static_cast<double>(number)) {}
    template <std::same_as<bool> Flag>
    LogValue(Flag flag) : held_(flag) {}

    const Variant& held() const { return held_; }

  private:
    Variant held_;
};

struct LogField {
    std::string_view key;
    LogValue value;
    std::size_t limit_bytes = limits::log_value_bytes;  // of a text, as it stands in the line
};

struct LogLine {
    Time time;
    LogLevel level;
    std::string_view event;
    std::span<const LogField> fields;
};

// Append the line and its one newline. Text that is longer than its limit, escapes included, is cut and ends
// in "…"; a field whose text is empty is left out.
//   {"time":"2027-01-15T08:00:00.000000Z","level":"info","event":"started","port":8080}
//   2027-01-15T08:00:00.000000Z INFO  started port=8080
void append_json_line(std::string& out, const LogLine& line);
enum class LogColours : bool { no, yes };
void append_pretty_line(std::string& out, const LogLine& line, LogColours colours);

}  // namespace lodestone
