// Rendering of log lines. Everything that a caller hands in is escaped, keys and events too: a line has one
// newline, its last byte.
#include "base/log_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/ensure.hpp"
#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "base/time_text.hpp"

namespace lodestone {
namespace {

constexpr std::array<std::string_view, 5> level_names{"debug", "info", "warn", "error", "off"};

constexpr std::string_view ellipsis = "…";

// How long what begins at `position` of an escaped text is: an escape, or a code point.
std::size_t unit_bytes(std::string_view text, std::size_t position) {
    if (text[position] == '\\') return position + 1 < text.size() && text[position + 1] == 'u' ? 6 : 2;
    const auto byte = static_cast<std::uint8_t>(text[position]);
    return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

// Cut after escaping: a control character takes six bytes in the line, and the line is what takes room.
void append_text(std::string& out, std::string_view text, std::size_t limit_bytes) {
    const std::size_t start = out.size() + 1;
    append_json_string(out, text.substr(0, limit_bytes + 4));
    const std::string_view escaped = std::string_view(out).substr(start, out.size() - start - 1);
    if (escaped.size() <= limit_bytes) return;
    std::size_t end = 0;
    while (end + unit_bytes(escaped, end) <= limit_bytes) end += unit_bytes(escaped, end);
    out.resize(start + end);
    out += ellipsis;
    out += '"';
}

template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    ensure(end.ec == std::errc(), "a number fits into 32 characters");
    out.append(digits.data(), end.ptr);
}

struct AppendValue {
    std::string& out;
    std::size_t limit_bytes;
    void operator()(std::string_view text) const { append_text(out, text, limit_bytes); }
    void operator()(std::int64_t number) const { append_number(out, number); }
    void operator()(std::uint64_t number) const { append_number(out, number); }
    void operator()(double number) const {
        // JSON has no word for these.
        if (!std::isfinite(number)) {
            out += "null";
            return;
        }
        append_number(out, number);
    }
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
};

// Such a field would say nothing.
bool is_empty(const LogValue& value) {
    const auto* text = std::get_if<std::string_view>(&value.held());
    return text != nullptr && text->empty();
}

bool is_printable(char c) {
    return c >= 0x20 && c < 0x7F;
}

bool is_bare(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return is_printable(c) && c != ' ' && c != '"' && c != '=' && c != '\\';
    });
}

// Keys and values of the pretty form go without quotes when nobody can be misled by that.
void append_bare(std::string& out, std::string_view text, std::size_t limit_bytes) {
    if (text.size() <= limit_bytes && is_bare(text)) {
        out += text;
    } else {
        append_text(out, text, limit_bytes);
    }
}

void append_phrase(std::string& out, std::string_view text) {
    if (!text.empty() && text.size() <= limits::log_value_bytes && std::ranges::all_of(text, is_printable)) {
        out += text;
    } else {
        append_text(out, text, limits::log_value_bytes);
    }
}

struct Palette {
    std::array<std::string_view, 5> levels;
    std::string_view dim, bold, reset;
};
constexpr Palette bright{
    {"\x1b[36m", "\x1b[32m", "\x1b[33m", "\x1b[1;31m", ""}, "\x1b[2m", "\x1b[1m", "\x1b[0m"};
constexpr Palette plain{};

constexpr std::array<std::string_view, 5> level_columns{"DEBUG ", "INFO  ", "WARN  ", "ERROR ", "OFF   "};

}  // namespace

std::string_view render_log_level(LogLevel level) {
    return level_names[static_cast<std::size_t>(level)];
}

std::optional<LogLevel> parse_log_level(std::string_view name) {
    const auto found = std::ranges::find(level_names, name);
    if (found == level_names.end()) return std::nullopt;
    return static_cast<LogLevel>(found - level_names.begin());
}

std::optional<LogFormat> parse_log_format(std::string_view name) {
    if (name == "json") return LogFormat::json;
    if (name == "pretty") return LogFormat::pretty;
    return std::nullopt;
}

void append_json_line(std::string& out, const LogLine& line) {
    out += R"({"time":")";
    append_rfc3339(out, line.time);
    out += R"(","level":")";
    out += render_log_level(line.level);
    out += R"(","event":)";
    append_text(out, line.event, limits::log_value_bytes);
    for (const LogField& field : line.fields) {
        if (is_empty(field.value)) continue;
        out += ',';
        append_text(out, field.key, limits::log_value_bytes);
        out += ':';
        std::visit(AppendValue{out, field.limit_bytes}, field.value.held());
    }
    out += "}\n";
}

void append_pretty_line(std::string& out, const LogLine& line, LogColours colours) {
    const Palette& palette = colours == LogColours::yes ? bright : plain;
    const auto level = static_cast<std::size_t>(line.level);
    out += palette.dim;
    append_rfc3339(out, line.time);
    out += palette.reset;
    out += ' ';
    out += palette.levels[level];
    out += level_columns[level];
    out += palette.reset;
    out += palette.bold;
    append_phrase(out, line.event);
    out += palette.reset;
    for (const LogField& field : line.fields) {
        if (is_empty(field.value)) continue;
        out += ' ';
        out += palette.dim;
        append_bare(out, field.key, limits::log_value_bytes);
        out += '=';
        out += palette.reset;
        if (const auto* text = std::get_if<std::string_view>(&field.value.held())) {
            append_bare(out, *text, field.limit_bytes);
        } else {
            std::visit(AppendValue{out, field.limit_bytes}, field.value.held());
        }
    }
    out += '\n';
}

}  // namespace lodestone
