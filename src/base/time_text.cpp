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

}  // namespace

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
