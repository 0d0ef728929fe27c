// Counting downloads in memory: a fetch costs no statement, and of thousands of fetches of one version one
// row is written. Each node writes its own about every limits::download_write_interval and at its orderly
// end; one that is killed takes the last interval's with it, and one that never hears whether its COMMIT was
// done may write an interval's twice.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/context.hpp"
#include "base/metrics.hpp"
#include "packages/download.hpp"
#include "packages/file.hpp"

namespace lodestone::db {
class Database;
}

namespace lodestone::packages {

class DownloadCounter {
  public:
    explicit DownloadCounter(Context& context);

    // From any thread; quick, and never an error. More versions than limits::counted_versions are not told
    // apart before they are written: what finds no place is only counted by a metric.
    void note(const VersionPlace& version);
    // Whether it is time to write, or there is much of it.
    bool is_due() const;
    // Writes what was noted; what cannot be written now stays for the next time. Throws what the database
    // throws. Answers how many counts that were.
    std::size_t write(db::Database& database);

  private:
    struct Waiting {
        PackagePlace place;
        std::int64_t day = 0;
        std::int64_t count = 0;
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<VersionId, Waiting> today;
        std::vector<DownloadCount> ended;  // of other days
    };
    static constexpr std::size_t shard_count = 16;

    void add(const VersionPlace& version, std::int64_t day, std::int64_t count);
    std::vector<DownloadCount> take();

    Context& context_;
    std::array<Shard, shard_count> shards_;
    std::atomic<std::size_t> waiting_{0};
    std::atomic<SteadyTime> last_written_;
    Counter& lost_;
};

}  // namespace lodestone::packages
