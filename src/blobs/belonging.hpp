// Whether the store is the one that belongs to the database. A folder that is not mounted looks like a new
// one, and would take whatever is pushed; once it is mounted nobody would find that again. So a store has a
// name, given to it by the first program that used it, and the database knows which one its bytes are in.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/task.hpp"

namespace lodestone::blobs {

class Blobs;

class Belonging {
  public:
    explicit Belonging(Blobs& blobs) : blobs_(blobs) {}
    Belonging(const Belonging&) = delete;
    Belonging& operator=(const Belonging&) = delete;

    // That it is the right one: nothing has to be asked before it is written to.
    bool is_certain() const { return state_ == State::own; }
    // Throws Problem(unavailable) when it is another one, and what the two throw when they are asked.
    Task<> need();
    // Asks both. A store that nobody has named yet, or that has lost its name, is told by what is in it.
    // Answers whether it is the right one.
    Task<bool> look();
    // For /ready: that it is another one.
    std::optional<std::string> find_fault() const;
    // Whether it is time to look, again. True to one caller, who then does.
    bool take_turn();

    // It was in trouble: when it is well, it may be another one that stands in its place.
    void doubt();
    // It has nothing of what should be there, whatever it is called.
    void note_emptiness();
    // Whoever answers for it says that what is missing is lost: it is the right one from now on.
    Task<> adopt();

  private:
    enum class State : std::uint8_t { unknown, own, foreign };
    Task<> settle_name(std::optional<std::string> found, std::optional<std::string> known);
    void set(State state);

    Blobs& blobs_;
    std::atomic<State> state_{State::unknown};
    std::atomic<bool> is_suspect_{false};  // its name alone does not say that it is the right one
    std::atomic<SteadyTime> next_look_{SteadyTime{}};
};

}  // namespace lodestone::blobs
