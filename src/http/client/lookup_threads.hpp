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
    // Waits for nobody: who is still being looked up is not told, and the thread ends by itself.
    ~LookupThreads();
    LookupThreads(const LookupThreads&) = delete;
    LookupThreads& operator=(const LookupThreads&) = delete;

    // Calls `done` on the executor. The loop behind it must outlive this object.
    void start(std::string host, LoopExecutor executor, std::function<void(LookupResult)> done);

  private:
    struct State;
    static void run(std::shared_ptr<State> state);

    std::shared_ptr<State> state_;
};

}  // namespace lodestone::http
