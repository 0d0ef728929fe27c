// A unit of work with what the engine remembers of it while it waits, runs, and perhaps runs again.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "db/work.hpp"

namespace lodestone::db {

struct Ticket {
    // Of a write with an idempotency key, when its row has to tell what happened.
    enum class Doubt : std::uint8_t {
        none,
        reply_lost,  // of COMMIT
        key_taken,   // by an earlier unit, or a fence that one left behind
    };

    std::unique_ptr<Work> work;
    SteadyTime expires = SteadyTime::max();  // in line for a connection
    int attempts = 0;
    bool was_lost = false;         // with a connection that broke before COMMIT
    bool has_fresh_plans = false;  // statements were prepared anew for it
    bool is_fenced = false;        // its first COMMIT can no longer happen
    Doubt doubt = Doubt::none;
    SteadyTime doubt_ends = SteadyTime::max();  // then nobody looks any further
    int looks = 0;                              // for what became of it
};

}  // namespace lodestone::db
