// What is known of the units of work that one place of the program makes: whether an event loop may run them
// itself, which is quicker than a thread of the database's and would hold up everybody else on the loop if
// they took their time. One for each function type that is handed to Database, so for each place.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace lodestone::db {

class Habit {
  public:
    // A look-up suits until it has shown that it does not; a read only once it has run with one statement.
    bool suits_loops(bool is_look_up) {
        if (const std::uint32_t left = kept_off_.load(std::memory_order_relaxed); left > 0) {
            kept_off_.store(left - 1, std::memory_order_relaxed);
            return false;
        }
        const State state = state_.load(std::memory_order_relaxed);
        return state == State::one_statement || (is_look_up && state == State::unknown);
    }
    void note_statements(std::size_t count) {
        if (count > 1) return keep_off_loops();
        State expected = State::unknown;
        if (state_.load(std::memory_order_relaxed) == State::unknown)
            state_.compare_exchange_strong(expected, State::one_statement, std::memory_order_relaxed);
    }
    // It was slow: a while later it may try again, since the machine may have been slow, not the statement.
    void rest() { kept_off_.store(rest_units, std::memory_order_relaxed); }
    // Several statements, or one that is not the same when asked again. For good: what is so now and then is
    // not worth the loop's time.
    void keep_off_loops() { state_.store(State::unsuited, std::memory_order_relaxed); }

  private:
    enum class State : std::uint8_t { unknown, one_statement, unsuited };
    static constexpr std::uint32_t rest_units = 1'000;
    std::atomic<State> state_{State::unknown};
    std::atomic<std::uint32_t> kept_off_{0};
};

}  // namespace lodestone::db
