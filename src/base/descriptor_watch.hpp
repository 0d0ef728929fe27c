// Waiting on an event loop for a descriptor that somebody else reads and writes, such as a database client's
// connection. Stands here because sockets are src/http's, and what stands beside it cannot include it: this
// knows only that there is a number that becomes ready.
#pragma once

#include <functional>
#include <memory>

#include "base/task.hpp"

namespace lodestone {

class DescriptorWatch {
  public:
    // `on_ready` is called on the loop, once for each wait; it may destroy this object. The descriptor stays
    // open longer than this.
    DescriptorWatch(const LoopExecutor& loop, int descriptor, std::function<void()> on_ready);
    ~DescriptorWatch();  // on the loop's thread, or when nothing runs on it
    DescriptorWatch(const DescriptorWatch&) = delete;
    DescriptorWatch& operator=(const DescriptorWatch&) = delete;

    void wait_readable();  // does nothing while it waits already
    void wait_writable();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace lodestone
