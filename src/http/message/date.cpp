// Dates as HTTP writes them (RFC 9110 §5.6.7): one form that is sent, three that are read.
#include <algorithm>
#include <array>

#include "http/message/conditional.hpp"

namespace lodestone::http {

namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::size_t short_name = 3;  // letters of a weekday

void append_digits(std::string& text, int value, int digits) {
    std::string reversed;
    for (; digits > 0; --digits, value /= 10) reversed += static_cast<char>('0' + value % 10);
    text.append(reversed.rbegin(), reversed.rend());
}

// Takes a date apart from the left; once something was missing, it stays faulty.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    void expect(std::string_view literal) {
        if (!rest_.starts_with(literal)) return fail();
        rest_.remove_prefix(literal.size());
    }
    int number(std::size_t digits) {
        if (rest_.size() < digits) return fail(), 0;
        int value = 0;
        for (const char c : rest_.substr(0, digits)) {
            if (c < '0' || c > '9') return fail(), 0;
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }
    template <std::size_t N>
    unsigned name(const std::array<std::string_view, N>& names, std::size_t length) {
        for (std::size_t i = 0; i < N; ++i) {
            if (!rest_.starts_with(names[i].substr(0, length))) continue;
            rest_.remove_prefix(std::min(length, names[i].size()));
            return static_cast<unsigned>(i);
        }
        return fail(), 0;
    }
    bool next_is(char c) const { return rest_.starts_with(c); }
    bool is_complete() const { return !is_faulty_ && rest_.empty(); }

  private:
    void fail() { is_faulty_ = true; }
    std::string_view rest_;
    bool is_faulty_ = false;
};

struct Fields {
    unsigned weekday_index = 0;
    int year = 0;
    unsigned month_index = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

void read_clock(Reader& reader, Fields& fields) {
    fields.hour = reader.number(2);
    reader.expect(":");
    fields.minute = reader.number(2);
    reader.expect(":");
    fields.second = reader.number(2);
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
Fields read_fixdate(Reader& reader) {
    Fields fields;
    fields.weekday_index = reader.name(weekdays, short_name);
    reader.expect(", ");
    fields.day = reader.number(2);
    reader.expect(" ");
    fields.month_index = reader.name(months, short_name);
    reader.expect(" ");
    fields.year = reader.number(4);
    reader.expect(" ");
    read_clock(reader, fields);
    reader.expect(" GMT");
    return fields;
}

// "Sunday, 06-Nov-94 08:49:37 GMT"
Fields read_rfc850(Reader& reader) {
    Fields fields;
    fields.weekday_index = reader.name(weekdays, std::string_view::npos);
    reader.expect(", ");
    fields.day = reader.number(2);
    reader.expect("-");
    fields.month_index = reader.name(months, short_name);
    reader.expect("-");
    const int short_year = reader.number(2);
    fields.year = short_year + (short_year < 70 ? 2000 : 1900);
    reader.expect(" ");
    read_clock(reader, fields);
    reader.expect(" GMT");
    return fields;
}

// "Sun Nov  6 08:49:37 1994"
Fields read_asctime(Reader& reader) {
    Fields fields;
    fields.weekday_index = reader.name(weekdays, short_name);
    reader.expect(" ");
    fields.month_index = reader.name(months, short_name);
    reader.expect(" ");
    const bool is_padded = reader.next_is(' ');
    if (is_padded) reader.expect(" ");
    fields.day = reader.number(is_padded ? 1 : 2);
    reader.expect(" ");
    read_clock(reader, fields);
    reader.expect(" ");
    fields.year = reader.number(4);
    return fields;
}

}  // namespace

std::string render_http_date(Time time) {
    constexpr sys_days first{year{0} / January / 1};
    constexpr sys_days end{year{10'000} / January / 1};
    const auto instant = std::clamp(floor<seconds>(time), sys_seconds{first}, sys_seconds{end} - seconds{1});
    const auto days_part = floor<days>(instant);
    const year_month_day date{days_part};
    const hh_mm_ss clock{instant - days_part};

    std::string text;
    text.reserve(29);
    text.append(weekdays[weekday{days_part}.c_encoding()].substr(0, short_name)).append(", ");
    append_digits(text, static_cast<int>(static_cast<unsigned>(date.day())), 2);
    text.append(" ").append(months[static_cast<unsigned>(date.month()) - 1]).append(" ");
    append_digits(text, static_cast<int>(date.year()), 4);
    text += ' ';
    append_digits(text, static_cast<int>(clock.hours().count()), 2);
    text += ':';
    append_digits(text, static_cast<int>(clock.minutes().count()), 2);
    text += ':';
    append_digits(text, static_cast<int>(clock.seconds().count()), 2);
    return text.append(" GMT");
}

std::optional<Time> parse_http_date(std::string_view text) {
    const auto comma = text.find(',');
    Reader reader(text);
    const Fields fields = comma == std::string_view::npos ? read_asctime(reader)
                          : comma == short_name           ? read_fixdate(reader)
                                                          : read_rfc850(reader);
    if (!reader.is_complete()) return std::nullopt;
    const year_month_day date{year{fields.year}, month{fields.month_index + 1},
                              day{static_cast<unsigned>(fields.day)}};
    // 60 is a leap second.
    if (!date.ok() || fields.hour > 23 || fields.minute > 59 || fields.second > 60) return std::nullopt;
    const sys_days day_part{date};
    // The weekday of a two-digit year depends on the century that its writer meant.
    const bool is_short_year = comma != std::string_view::npos && comma != short_name;
    if (!is_short_year && weekday{day_part}.c_encoding() != fields.weekday_index) return std::nullopt;
    return Time{day_part} + hours{fields.hour} + minutes{fields.minute} + seconds{fields.second};
}

}  // namespace lodestone::http
