// What an engine keeps for each event loop, such as a connection: found by the loop's own thread without a
// lock, and told when the loop goes.
#pragma once

#include <cstdint>
#include <memory>

#include "base/task.hpp"

namespace lodestone::db {

class LoopItem {
  public:
    virtual ~LoopItem() = default;
    // While the loop is being taken down: nothing runs on it any more, and it must not be referred to.
    virtual void leave_loop() noexcept = 0;
};

// A number that no other owner of items has.
std::uint64_t next_loop_owner();

// Where the item of `owner` stands; null before it was set. On the loop's thread.
std::shared_ptr<LoopItem>& loop_item(const LoopExecutor& loop, std::uint64_t owner);

}  // namespace lodestone::db
