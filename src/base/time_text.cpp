// RFC 3339: the calendar is worked out once per second and thread, the microseconds each time.
#include "base/time_text.hpp"

#include <algorithm>
#include <limits>

namespace lodestone {
namespace {

using std::chrono::sys_days;
using std::chrono::year;

constexpr Time first_time{sys_days{year{0} / 1 / 1}};
constexpr Time last_time = Time{sys_days{year{10'000} / 1 / 1}} - std::chrono::microseconds{1};

constexpr char second_shape[] = "0000-00-00T00:00:00.";
constexpr std::size_t second_size = sizeof second_shape - 1;

struct SecondText {
    std::int64_t second = std::numeric_limits<std::int64_t>::min();
    char text[second_size + 1] = {};
};

template <std::size_t Count>
void put_digits(char* at, std::uint64_t value) {
    for (std::size_t i = Count; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

void render_second(SecondText& rendered, std::chrono::sys_seconds second) {
    const auto day = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{second - day};
    char* text = rendered.text;
    std::copy_n(second_shape, sizeof second_shape, text);
    put_digits<4>(text, static_cast<std::uint64_t>(static_cast<int>(date.year())));
    put_digits<2>(text + 5, static_cast<unsigned>(date.month()));
    put_digits<2>(text + 8, static_cast<unsigned>(date.day()));
    put_digits<2>(text + 11, static_cast<std::uint64_t>(clock.hours().count()));
    put_digits<2>(text + 14, static_cast<std::uint64_t>(clock.minutes().count()));
    put_digits<2>(text + 17, static_cast<std::uint64_t>(clock.seconds().count()));
    rendered.second = second.time_since_epoch().count();
}

// Takes text from its front, piece by piece; after the first that does not fit, nothing fits.
class TimeReader {
  public:
    explicit TimeReader(std::string_view text) : text_(text) {}

    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (text_.empty() || text_.front() < '0' || text_.front() > '9') return fail();
            value = value * 10 + (text_.front() - '0');
            text_.remove_prefix(1);
        }
        return value;
    }
    bool has(char expected) const { return !text_.empty() && text_.front() == expected; }
    void skip(std::string_view any_of) {
        if (text_.empty() || any_of.find(text_.front()) == any_of.npos)
            fail();
        else
            text_.remove_prefix(1);
    }
    int micros() {
        int value = 0;
        std::size_t count = 0;
        while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9' && ++count <= 6)
            value = value * 10 + digits(1);
        if (count == 0 || count > 6) return fail();
        for (; count < 6; ++count) value *= 10;
        return value;
    }
    // Minutes ahead of UTC.
    int offset() {
        if (has('Z') || has('z')) return skip("Zz"), 0;
        const int sign = has('-') ? -1 : 1;
        skip("+-");
        const int hours = digits(2);
        skip(":");
        const int minutes = digits(2);
        return hours < 24 && minutes < 60 ? sign * (hours * 60 + minutes) : fail();
    }
    bool is_at_end() const { return is_fine_ && text_.empty(); }

  private:
    int fail() {
        is_fine_ = false;
        text_ = {};
        return 0;
    }
    std::string_view text_;
    bool is_fine_ = true;
};

}  // namespace

std::optional<Time> parse_rfc3339(std::string_view text) {
    TimeReader reader(text);
    const int year_number = reader.digits(4);
    reader.skip("-");
    const int month = reader.digits(2);
    reader.skip("-");
    const int day = reader.digits(2);
    reader.skip("Tt");
    const int hour = reader.digits(2);
    reader.skip(":");
    const int minute = reader.digits(2);
    reader.skip(":");
    const int second = reader.digits(2);
    int micros = 0;
    if (reader.has('.')) {
        reader.skip(".");
        micros = reader.micros();
    }
    const int offset = reader.offset();
    const std::chrono::year_month_day date{year{year_number},
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!reader.is_at_end() || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return Time{sys_days{date}} + std::chrono::hours(hour) + std::chrono::minutes(minute - offset) +
           std::chrono::seconds(second) + std::chrono::microseconds(micros);
}

void append_rfc3339(std::string& out, Time time) {
    thread_local SecondText cached;
    const Time shown = std::clamp(time, first_time, last_time);
    const auto second = std::chrono::floor<std::chrono::seconds>(shown);
    if (second.time_since_epoch().count() != cached.second) render_second(cached, second);
    char micros[7] = {0, 0, 0, 0, 0, 0, 'Z'};
    put_digits<6>(micros, static_cast<std::uint64_t>((shown - second).count()));
    out.append(cached.text, second_size).append(micros, sizeof micros);
}

std::string render_rfc3339(Time time) {
    std::string text;
    append_rfc3339(text, time);
    return text;
}

}  // namespace lodestone
