// Scrubbing: what is stored is hashed again, that first which nobody has looked at for longest. What is not
// what it was is quarantined, and what nothing in the database names any more is removed. It goes on beside
// everything else, keeps nobody from uploading, may end anywhere, and goes on there.
#pragma once

#include <atomic>
#include <boost/describe/class.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/blob_limits.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"
#include "blobs/blobs.hpp"
#include "blobs/rehash.hpp"
#include "blobs/sweep.hpp"

namespace lodestone::blobs {

struct ScrubOptions {
    std::chrono::microseconds interval = limits::scrub_interval;  // for which a check is good
    std::uint64_t rate_bytes = 0;                                 // a second; 0: as fast as it goes
    // After which it is noted what was found, and looked anew what is to be looked at first.
    std::chrono::microseconds note_pause = limits::scrub_note_pause;
};

struct Scrubbed {
    std::int64_t checked = 0;
    std::int64_t checked_bytes = 0;
    std::int64_t quarantined = 0;
    std::int64_t released = 0;             // that were quarantined, and are what they were
    std::int64_t unreadable = 0;           // just now: they are tried again
    std::int64_t removed = 0;              // that nothing named
    std::int64_t of_another_database = 0;  // that nothing names either, and that are left alone

    std::int64_t changes() const { return checked + quarantined + released + removed; }
};
BOOST_DESCRIBE_STRUCT(Scrubbed, (),
                      (checked, checked_bytes, quarantined, released, unreadable, removed,
                       of_another_database))

// What one run looks at.
struct ScrubScope {
    bool has_all = false;          // what is stored, whenever it was checked; then nothing is swept
    bool has_quarantined = false;  // what is quarantined, whenever it was looked at
    // What is missing is lost, even where nothing is found of what should be there.
    bool believes_loss = false;
    // In each transaction that notes something, and now and then besides: false when another node has the
    // turn by now, and this run is to end.
    std::function<bool(db::Tx& tx)> keep_turn = nullptr;
    db::Unit unit{};  // whose doing it is
};

class Scrubber {
  public:
    Scrubber(Blobs& blobs, ScrubOptions options);
    Scrubber(const Scrubber&) = delete;
    Scrubber& operator=(const Scrubber&) = delete;

    // Until nothing is due, or stop(). One run at a time.
    Task<Scrubbed> run(ScrubScope scope);
    // The run under way ends in a moment, and those after it at once. While its loop still runs.
    void stop();

    // For /health: that what should be stored is not there at all, or that none of it can be read.
    std::optional<std::string> find_fault();

  private:
    struct Finding {
        Blob blob;
        std::string fault{};  // empty: all is well
        bool is_missing = false;
        bool is_unreadable = false;
        bool is_good() const { return fault.empty(); }
    };
    struct Run {
        ScrubScope scope;
        Time began{};
        SteadyTime next_note{};
        Scrubbed sum{};
        std::vector<Finding> findings{};  // that are not noted yet
        std::set<BlobId> unreadable{};    // not to be tried again by this run
        bool has_found_any = false;
        bool has_found_old = false;  // that tells of the storage that it is the right one
        bool is_noting = false;
        bool is_over = false;
    };
    // What a transaction has made of the findings.
    struct Noted {
        Scrubbed sum;
        std::vector<Finding> quarantined;
        std::vector<Finding> released;
        bool has_turn = true;
    };
    using ListDue = std::vector<Blob> (*)(db::Tx& tx, Time due, std::int64_t limit);
    Task<> look_at_all(Run& run, ListDue list, Time due);
    Task<> look_at(Run& run, std::vector<Blob> due);
    Task<std::optional<Finding>> examine(Run& run, Blob blob);
    struct Reading {
        Rehashed found{};
        bool is_missing = false;
        std::string refusal{};  // of the storage: nothing is known of these bytes
    };
    Task<Reading> read(Run& run, BlobKey key, std::uint64_t most_bytes = UINT64_MAX);
    Task<bool> is_disk_well(Run& run, BlobId unread);
    void end_in_trouble(Run& run, std::string_view fault);
    Task<bool> keep_pace(Run& run, std::uint64_t size_bytes);
    Task<> note(Run& run);
    Task<> note_findings(Run& run);
    Noted note_in(db::Tx& tx, const Run& run) const;
    void report(Run& run, const Noted& noted);
    Task<bool> is_another_storage(const Run& run);
    static bool is_old(const Run& run, const Blob& blob);
    Task<> sweep(Run& run);
    Task<> sweep_slice(Run& run, std::uint8_t slice);
    bool is_over(const Run& run) const { return run.is_over || is_stopping_.load(); }
    void set_fault(std::optional<std::string> fault);

    Blobs& blobs_;
    const ScrubOptions options_;
    Rehasher rehasher_;
    Sweeper sweeper_;
    std::atomic<bool> is_stopping_{false};
    SteadyTime next_piece_{};
    std::mutex mutex_;
    std::optional<std::string> fault_;
    Counter& checked_;
    Counter& checked_bytes_;
    Counter& quarantined_;
    Counter& released_;
    Counter& unreadable_;
    Gauge& last_run_;
};

}  // namespace lodestone::blobs
