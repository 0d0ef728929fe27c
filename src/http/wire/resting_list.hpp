// The connections of one loop that wait for a request, each since when: who has waited longest is the first
// to go when the server is full. Who has not asked anything yet is in a line of its own, because it gets a
// moment.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace lodestone::http {

class Stream;

// A stream's place in the list.
struct Resting {
    enum class Kind : std::uint8_t { no, newcomer, answered };
    Kind kind = Kind::no;
    SteadyTime since{};
    Stream* previous = nullptr;
    Stream* next = nullptr;
};

// On the loop's thread, but for longest().
class RestingList {
  public:
    void add(Stream& stream, Resting::Kind kind, SteadyTime now);
    void remove(Stream& stream);
    // Since when the one rests that make_room() would find; from any thread, and a moment old.
    std::optional<SteadyTime> longest(SteadyTime now) const;
    // The one that has rested longest and has sent nothing meanwhile that we have not read: off the list, its
    // wait over as if its deadline had passed. False when there is none.
    bool make_room(SteadyTime now);

  private:
    struct Line {
        Stream* first = nullptr;
        Stream* last = nullptr;
        std::atomic<SteadyTime::rep> since{never};  // of the first
        void publish();
    };
    static constexpr SteadyTime::rep never = SteadyTime::max().time_since_epoch().count();
    Line& line_of(Resting::Kind kind) { return kind == Resting::Kind::newcomer ? newcomers_ : answered_; }

    Line newcomers_;
    Line answered_;
};

}  // namespace lodestone::http
