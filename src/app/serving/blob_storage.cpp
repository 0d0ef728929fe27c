// Files today, in the data folder or where the configuration says.
#include "app/serving/blob_storage.hpp"

#include <future>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/health.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "http/wire/spawn.hpp"

namespace lodestone::app {

namespace {

using Outcome = std::shared_ptr<std::promise<std::int64_t>>;

std::unique_ptr<blobs::Store> open_store(const Config& config, const DataFolder& folder, http::Loops& loops,
                                         Context& context) {
    const std::string& named = config.blobs.dir;
    return blobs::open_filesystem_store({.folder = named.empty() ? folder.path() + "/blobs" : named},
                                        loops.workers(), context);
}

Task<> run_collector(blobs::Collector& collector, Outcome outcome) {
    const blobs::Collected collected = co_await collector.run();
    outcome->set_value(collected.changes());
}

}  // namespace

BlobStorage::BlobStorage(const Config& config, const DataFolder& folder, db::Database& database,
                         http::Loops& loops, Context& context)
    : loops_(loops),
      blobs_(open_store(config, folder, loops, context), database, context),
      collector_(blobs_, config.blobs.grace) {
    context.health.add_check("storage", [this] { return blobs_.store().find_fault(); });
}

std::int64_t BlobStorage::collect() {
    const auto outcome = std::make_shared<std::promise<std::int64_t>>();
    auto collected = outcome->get_future();
    http::spawn(loops_.at(0).executor(), run_collector(collector_, outcome), [outcome](std::string_view why) {
        outcome->set_exception(std::make_exception_ptr(std::runtime_error(std::string(why))));
    });
    return collected.get();
}

}  // namespace lodestone::app
