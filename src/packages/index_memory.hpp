// The memory of rendered indexes: bounded in bytes, what was not asked for the longest goes first, and safe
// from every thread. Several who miss the same one wait for one rendering of it.
//
// What is kept is believed until a change to its package is noted: here after the commit, elsewhere when it
// is told. After limits::index_lifetime it is rendered again in any case, in case nobody told; if it says the
// same, the compressed form is kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/change_watch.hpp"
#include "base/context.hpp"
#include "base/index_limits.hpp"
#include "base/metrics.hpp"
#include "base/package_limits.hpp"
#include "base/task.hpp"
#include "base/unique_fd.hpp"
#include "cache/bounded_memory.hpp"
#include "cache/flight_memory.hpp"
#include "db/unit.hpp"
#include "http/message/negotiate.hpp"
#include "packages/file_memory.hpp"
#include "packages/index.hpp"
#include "packages/index_changes.hpp"

namespace lodestone {
class WorkerThreads;
}

namespace lodestone::packages {

// One index in one coding, as it is sent.
struct RenderedIndex {
    std::string bytes;                     // empty where it has a file
    std::shared_ptr<const UniqueFd> file;  // a large one's (limits::index_file_bytes)
    std::uint64_t size_bytes = 0;
    std::string etag;  // of what it says and how it is coded, quoted
    http::Coding coding{};
    std::string content;  // the digest of what it says, whatever the coding
};

// Which one, in which coding.
struct WantedIndex {
    const IndexKind* kind = nullptr;
    IndexSubject subject;
    http::Coding coding{};
};

class IndexMemory {
  public:
    IndexMemory(Context& context, WorkerThreads& workers,
                std::size_t most_bytes = limits::index_memory_bytes);
    ~IndexMemory();
    IndexMemory(const IndexMemory&) = delete;
    IndexMemory& operator=(const IndexMemory&) = delete;

    using Found = std::shared_ptr<const RenderedIndex>;  // null: there is no such index

    // What is in memory and may be believed.
    Found find_now(const WantedIndex& wanted);
    Task<Found> find(WantedIndex wanted, SteadyTime deadline);

    // After a change is committed: what was rendered before is believed no more.
    void note_changes(const std::vector<db::Change>& changes);
    // Hears from now on what other processes and nodes change. Ends with the memory, or before.
    void start_watching();
    void stop_watching();

    std::size_t size_bytes() const { return kept_.size_bytes(); }

    // Small files of packages whose indexes are here.
    FileMemory& files() { return files_; }

  private:
    using Kept = cache::BoundedMemory<RenderedIndex>::Kept;
    struct Job;  // one rendering

    void begin(const std::shared_ptr<Job>& job, SteadyTime deadline);
    void finish(const std::shared_ptr<Job>& job, std::exception_ptr failure, std::optional<std::string> text);
    std::shared_ptr<RenderedIndex> make_index(const Job& job, std::string text);
    void heed(const std::string& payload);

    Context& context_;
    WorkerThreads& workers_;
    Counter& rendered_;
    IndexChanges changes_;
    FileMemory files_;
    cache::FlightMemory<Found> flights_{1};  // only who waits for what: nothing is kept there
    cache::BoundedMemory<RenderedIndex> kept_;
    std::unique_ptr<ChangeWatch> watch_;
};

// In the transaction of the changes: tells other nodes which indexes have grown stale.
void notify_of_indexes(db::Tx& tx, const std::vector<db::Change>& changes);

}  // namespace lodestone::packages
