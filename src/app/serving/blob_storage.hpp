// The store for bytes as the server opens it, with its health and its collector.
#pragma once

#include <cstdint>
#include <memory>

#include "app/config/config.hpp"
#include "app/serving/chores.hpp"
#include "app/serving/data_folder.hpp"
#include "base/context.hpp"
#include "blobs/blobs.hpp"
#include "blobs/collect.hpp"
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
    // For the maintenance, which waits while a loop does it.
    std::int64_t collect();
    // The collector ends after its step. Before the maintenance is stopped.
    void stop_collecting() { collector_.stop(); }
    // While the loops still run.
    void stop() { blobs_.stop(); }

  private:
    http::Loops& loops_;
    const std::unique_ptr<http::Client> s3_client_;  // null where nothing goes to S3
    blobs::Blobs blobs_;
    blobs::Collector collector_;
};

}  // namespace lodestone::app
