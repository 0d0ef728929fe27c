// Collecting: blobs that nobody needs, promises that have run out, uploads that nobody goes on with. A run
// goes in small steps beside everything else, may end anywhere, and the next one goes on; no node need know
// of the others.
#pragma once

#include <atomic>
#include <boost/describe/class.hpp>
#include <chrono>
#include <cstdint>

#include "base/metrics.hpp"
#include "base/task.hpp"
#include "blobs/blobs.hpp"
#include "blobs/collect_step.hpp"

namespace lodestone::blobs {

struct Collected {
    std::int64_t reviewed = 0;
    std::int64_t condemned = 0;
    std::int64_t deleted = 0;
    std::int64_t deleted_bytes = 0;
    std::int64_t uploads = 0;
    std::int64_t leases = 0;

    std::int64_t changes() const { return condemned + deleted + uploads + leases; }
};
BOOST_DESCRIBE_STRUCT(Collected, (), (reviewed, condemned, deleted, deleted_bytes, uploads, leases))

// Whether a run goes as fast as it can, or stands back for those who read: it rests as long as it worked.
enum class Pace { full, half };

class Collector {
  public:
    Collector(Blobs& blobs, std::chrono::microseconds grace);
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    // Until nothing is left to do now, or stop(). A run that deleted something leaves an audit entry; `unit`
    // says whose doing it is.
    Task<Collected> run(db::Unit unit = {}, Pace pace = Pace::full);
    // The run under way ends after its step.
    void stop() { is_stopping_.store(true); }

  private:
    Task<> collect_blobs(Collected& sum, Pace pace);
    Task<> delete_blobs(const std::vector<Blob>& doomed, Collected& sum);
    Task<> end_uploads(Collected& sum);
    Task<> end_leases(Collected& sum);
    void note(const Collected& sum);

    Blobs& blobs_;
    const std::chrono::microseconds grace_;
    std::atomic<bool> is_stopping_{false};
    Counter& reviewed_;
    Counter& condemned_;
    Counter& deleted_;
    Counter& deleted_bytes_;
    Counter& uploads_;
};

}  // namespace lodestone::blobs
