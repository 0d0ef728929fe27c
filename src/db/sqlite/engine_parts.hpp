// What the threads of one SQLite engine share.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "base/context.hpp"
#include "db/open_database.hpp"
#include "db/sqlite/database_path.hpp"
#include "db/sqlite/measures.hpp"
#include "db/sqlite/outside_changes.hpp"

namespace lodestone::db {

// The last failure of the disk's, as /health tells it, until a write succeeds again.
class DiskFault {
  public:
    void set(std::string sentence);
    void clear();
    bool is_set() const { return is_set_.load(std::memory_order_relaxed); }
    std::optional<std::string> sentence() const;

  private:
    std::atomic<bool> is_set_{false};
    mutable std::mutex mutex_;
    std::string sentence_;
};

struct EngineParts {
    EngineParts(const SqliteOptions& given, const SqliteTuning& tuned, Context& surroundings);

    const SqliteOptions options;
    const SqliteTuning tuning;
    Context& context;
    SqliteMeasures measures;
    DatabasePath path;
    DiskFault fault;
    OutsideChanges outside;
    std::atomic<std::uint64_t> generation{0};  // of prepared statements
    std::atomic<std::int64_t> busy{0};         // connections at work
};

}  // namespace lodestone::db
