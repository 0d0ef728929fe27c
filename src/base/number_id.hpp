// Ids that are numbers: for what there is very much of, where a text in each row and each index would cost
// most of the room. 63 bits, made by the program, in the order of time.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone {

class Clock;
class Random;

// Microseconds since 2020 in the upper 51 bits, chance below. Each is larger than the one before in the same
// process, whatever the clock does.
std::int64_t make_number(const Clock& clock, Random& random);

// Sixteen lower-case hexadecimal digits.
std::string render_number(std::int64_t number);
// Takes exactly what render_number() writes, above zero.
std::optional<std::int64_t> parse_number(std::string_view text);

template <class Noun>
class NumberId {
  public:
    NumberId() = default;  // no id yet; never stored
    std::int64_t value() const { return value_; }
    bool is_empty() const { return value_ == 0; }
    auto operator<=>(const NumberId&) const = default;

    // For a number that is known to be an id: it comes from the database, or was just made.
    static NumberId trusted(std::int64_t value) {
        NumberId id;
        id.value_ = value;
        return id;
    }
    static NumberId make(const Clock& clock, Random& random) { return trusted(make_number(clock, random)); }

  private:
    std::int64_t value_ = 0;
};

}  // namespace lodestone

template <class Noun>
struct std::hash<lodestone::NumberId<Noun>> {
    std::size_t operator()(const lodestone::NumberId<Noun>& id) const {
        return std::hash<std::int64_t>{}(id.value());
    }
};
