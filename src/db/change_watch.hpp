// Hearing that somebody else changed something: another process, another node. For what is kept in memory
// and must not grow old, such as who may do what; Engine::watch_changes() makes one.
//
// Changes of this engine's own are not told: whoever makes them knows.
#pragma once

#include <functional>
#include <string>

namespace lodestone::db {

struct ChangeEvent {
    // What Tx::notify() was given by whoever changed something; empty: anything may have changed.
    std::string payload;
};

// On a thread of its own; may block, must not throw.
using ChangeCallback = std::function<void(const ChangeEvent&)>;

class ChangeWatch {
  public:
    // Ends as stop() does. Before its engine.
    virtual ~ChangeWatch() = default;
    // No callback runs when this returns, and none comes any more. Not from the callback.
    virtual void stop() = 0;
    // Whether a change would be told at the moment. While it is not, what is kept in memory lives by its
    // lifetime alone; when it is again, an event without payload comes first.
    virtual bool is_live() const = 0;
};

}  // namespace lodestone::db
