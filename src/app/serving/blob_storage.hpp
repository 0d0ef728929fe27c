// The store for bytes as the server opens it, with its health, its collector and its scrubber.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "app/config/config.hpp"
#include "app/serving/chores.hpp"
#include "app/serving/data_folder.hpp"
#include "base/context.hpp"
#include "blobs/blobs.hpp"
#include "blobs/collect.hpp"
#include "blobs/quarantine.hpp"
#include "blobs/scrub.hpp"
#include "http/client/client.hpp"
#include "http/wire/loop.hpp"

namespace lodestone::app {

class BlobStorage {
  public:
    // Throws Problem(invalid_input) when the folder, or the store's URL, cannot be used. Nothing in it is
    // looked at, and no store waited for.
    BlobStorage(const Config& config, const DataFolder& folder, db::Database& database, http::Loops& loops,
                Context& context);
    ~BlobStorage() { stop(); }
    BlobStorage(const BlobStorage&) = delete;
    BlobStorage& operator=(const BlobStorage&) = delete;

    blobs::Blobs& blobs() { return blobs_; }
    // On a loop, while the caller waits: for the maintenance, and for commands.
    blobs::Collected collect(db::Unit unit, blobs::Pace pace);
    blobs::Scrubbed scrub(blobs::ScrubScope scope);
    // Why it has stopped before its end.
    std::optional<std::string> find_scrub_fault() { return scrubber_.find_fault(); }
    // Begins on a loop, unless it is under way there. Answers how much the last one that ended has changed.
    std::int64_t scrub_beside(std::function<bool(db::Tx& tx)> keep_turn);
    // Both end after their step. Before the maintenance is stopped, and while the loops run.
    void stop_collecting();
    // While the loops still run.
    void stop() { blobs_.stop(); }

  private:
    // What there is besides live blobs, as it was a moment ago: asked for anew when somebody wants to know.
    blobs::BlobCounts counts();
    std::optional<std::string> find_damage();
    std::optional<std::string> find_storage_fault();
    std::string render_report();
    void add_readers(Metrics& metrics);

    http::Loops& loops_;
    Context& context_;
    const std::unique_ptr<http::Client> s3_client_;  // null where nothing goes to S3
    blobs::Blobs blobs_;
    blobs::Collector collector_;
    blobs::Scrubber scrubber_;
    std::mutex mutex_;
    std::future<blobs::Scrubbed> scrubbing_;  // not valid: none
    // By those who wait for the database, which may end after this.
    struct Known {
        std::mutex mutex;
        blobs::BlobCounts counts;
        SteadyTime next_look{};
    };
    std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

}  // namespace lodestone::app
