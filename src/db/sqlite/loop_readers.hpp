// Look-ups, and reads of one statement, run by the event loop that wants them: a row that is in memory takes
// less time than a thread needs to wake. What turns out to take longer is given up and goes to the readers'
// threads, as does what comes from the same place after it (Habit).
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "db/loop_items.hpp"
#include "db/sqlite/engine_parts.hpp"
#include "db/work.hpp"

namespace lodestone::db {

class SqliteLoopReaders {
  public:
    explicit SqliteLoopReaders(EngineParts& parts) : parts_(parts), owner_(next_loop_owner()) {}

    // On the loop's thread. Finishes it here and now, or answers false and leaves it alone.
    bool run(std::unique_ptr<Work>& work);
    std::size_t size() const;
    void close();  // from any thread: nothing is run after it

  private:
    class Reader;
    std::shared_ptr<Reader> find_reader(const LoopExecutor& loop);

    EngineParts& parts_;
    const std::uint64_t owner_;
    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<Reader>> readers_;
    bool is_closed_ = false;
};

}  // namespace lodestone::db
