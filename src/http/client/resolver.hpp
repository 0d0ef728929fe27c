// Host names → addresses without holding up the loop: getaddrinfo(3) runs on a thread of Asio's, one lookup
// for all who ask for the same name, and the answer is believed for a short while.
#pragma once

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/message/network.hpp"
#include "http/wire/event.hpp"

namespace lodestone::http {

// Belongs to one loop. What it answers is not yet vetted: see egress.hpp.
class Resolver {
  public:
    explicit Resolver(LoopExecutor executor);

    struct Answer {
        enum class State : std::uint8_t { resolved, unknown_host, timed_out, busy } state;
        std::vector<Address> addresses = {};  // when resolved: at least one
        std::string detail = {};              // the system's words, for the log
    };
    // An address in text is its own answer. The lookup itself cannot be stopped: after the deadline it goes
    // on in the background and its answer serves whoever asks next.
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
    boost::asio::ip::basic_resolver<boost::asio::ip::tcp, LoopExecutor> system_;
    std::map<std::string, std::shared_ptr<Lookup>> lookups_;
};

}  // namespace lodestone::http
