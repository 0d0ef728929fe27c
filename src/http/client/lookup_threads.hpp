// The threads that ask the system for a host's addresses. getaddrinfo(3) blocks and cannot be stopped, so a
// name whose servers are silent costs a thread for many seconds: there are a few for the whole client, and
// names of one domain never get all of them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "http/message/network.hpp"

namespace lodestone::http {

struct LookupResult {
    std::vector<Address> addresses;  // each once; empty when there are none
    std::string detail;              // the system's words, for the log
};

LookupResult look_up_host(const std::string& host);

class LookupThreads {
  public:
    using LookUp = std::function<LookupResult(const std::string& host)>;

    // Threads start when they are needed.
    explicit LookupThreads(LookUp look_up = look_up_host);
    ~LookupThreads();
    LookupThreads(const LookupThreads&) = delete;
    LookupThreads& operator=(const LookupThreads&) = delete;

    // From then on nobody is told anything, and nothing is looked up. Waits for no lookup: its thread ends by
    // itself. Before the loops go whose executors were given, for who still waits may own this object.
    void close();

    // Calls `done` on the executor, unless this is closed first.
    void start(std::string host, LoopExecutor executor, std::function<void(LookupResult)> done);

  private:
    struct State;
    static void run(std::shared_ptr<State> state);

    std::shared_ptr<State> state_;
};

}  // namespace lodestone::http
