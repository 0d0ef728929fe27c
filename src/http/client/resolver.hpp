// Host names → addresses without holding up the loop: one lookup, on the client's lookup threads, for all who
// ask for the same name, and the answer is believed for a short while.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/client/lookup_threads.hpp"
#include "http/message/network.hpp"
#include "http/wire/event.hpp"

namespace lodestone::http {

// Belongs to one loop. What it answers is not yet vetted: see egress.hpp.
class Resolver {
  public:
    Resolver(LoopExecutor executor, std::shared_ptr<LookupThreads> threads);

    struct Answer {
        enum class State : std::uint8_t { resolved, unknown_host, timed_out, busy } state;
        std::vector<Address> addresses = {};  // when resolved: at least one
        std::string detail = {};              // the system's words, for the log
    };
    // An address in text is its own answer. The lookup itself cannot be stopped: after the deadline, or
    // limits::lookup_timeout, it goes on in the background and its answer serves whoever asks next.
    Task<Answer> resolve(std::string host, SteadyTime deadline);

  private:
    struct Lookup {
        explicit Lookup(LoopExecutor executor) : done(executor) {}
        Event done;
        std::vector<Address> addresses;
        std::string detail;
        SteadyTime expires = SteadyTime::max();
    };
    std::shared_ptr<Lookup> find(const std::string& host);
    std::shared_ptr<Lookup> start(const std::string& host);
    bool make_room();

    LoopExecutor executor_;
    std::shared_ptr<LookupThreads> threads_;
    std::map<std::string, std::shared_ptr<Lookup>> lookups_;
};

}  // namespace lodestone::http
