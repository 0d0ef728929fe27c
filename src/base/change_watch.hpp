// Hearing that somebody else changed something: another process, another node. For what is kept in memory
// and must not grow old, such as who may do what; Database::watch_changes() makes one.
//
// Changes of one's own are not told: whoever makes them knows.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace lodestone {

struct ChangeEvent {
    // What Tx::notify() was given by whoever changed something; empty: anything may have changed.
    std::string payload;
};

// On threads of its own, by two ways at once; may block, must not throw.
using ChangeCallback = std::function<void(const ChangeEvent&)>;

class ChangeWatch {
  public:
    // Ends as stop() does. Before whoever made it.
    virtual ~ChangeWatch() = default;
    // No callback runs when this returns, and none comes any more. Not from the callback.
    virtual void stop() = 0;
    // Whether a change would be told at the moment. While it is not, what is kept in memory lives by its
    // lifetime alone; when it is again, an event without payload comes first.
    virtual bool is_live() const = 0;
};

// A way beside the database by which processes tell each other what they changed. What it carries makes
// others forget and look again, and nothing else: losing or doubling it costs time, never truth.
class ChangeRelay {
  public:
    virtual ~ChangeRelay() = default;
    // After the change is committed. Never blocks on anything remote, never throws.
    virtual void tell(const std::string& channel, const std::string& payload) noexcept = 0;
    virtual std::unique_ptr<ChangeWatch> watch(const std::string& channel, ChangeCallback callback) = 0;
};

}  // namespace lodestone
