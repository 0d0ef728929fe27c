// What stands at a listener: one coroutine on the first loop that takes its connections until the server
// stops.
#pragma once

#include <sys/socket.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <cstdint>
#include <memory>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "base/unique_fd.hpp"
#include "http/server/listener.hpp"

namespace lodestone::http {

class Loops;
class ServerState;

class Acceptor {
  public:
    // Throws when there is no descriptor left for it.
    Acceptor(std::shared_ptr<ServerState> state, Loops& loops, Listener& listener);

    Task<> run();
    // Who waits in the queue believes to be connected already: let in, while closing would reset them.
    // Afterwards new clients see a refusal at once, and run() ends, which does this too. On the first loop.
    void close();

  private:
    using Descriptor = boost::asio::posix::basic_stream_descriptor<LoopExecutor>;
    enum class Queue : std::uint8_t { has_more, is_empty, is_stuck };
    Task<Queue> accept_some();
    Queue accept_one();
    bool waits_for_room() const;
    void admit(UniqueFd fd, const sockaddr_storage& name);
    Queue survive_exhaustion();
    void open_reserve();
    Task<> pause(std::chrono::milliseconds length);

    std::shared_ptr<ServerState> state_;
    Loops& loops_;
    Listener& listener_;
    Descriptor descriptor_;
    SteadyTime made_room_{};  // when somebody last gave way to a newcomer
    UniqueFd reserve_;        // given up to turn somebody away when there is no other descriptor left
};

}  // namespace lodestone::http
