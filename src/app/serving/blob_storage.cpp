// Files in the data folder or where the configuration says, or objects in an S3-compatible store.
#include "app/serving/blob_storage.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "app/serving/client_options.hpp"
#include "app/serving/descriptor_shares.hpp"
#include "base/health.hpp"
#include "base/json_text.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "blobs/store/s3_store.hpp"
#include "http/wire/spawn.hpp"

namespace lodestone::app {

namespace {

using Outcome = std::shared_ptr<std::promise<std::int64_t>>;

bool is_s3(const Config& config) {
    return config.blobs.store == BlobStore::s3;
}

blobs::S3Options s3_options(const S3Config& config) {
    blobs::S3Options options;
    options.endpoint = config.endpoint;
    options.bucket = config.bucket;
    options.region = config.region;
    options.prefix = config.prefix;
    options.addressing = config.addressing == S3AddressingChoice::path ? blobs::S3Addressing::path
                                                                       : blobs::S3Addressing::virtual_host;
    options.credentials = {.access_key = config.access_key, .secret_key = config.secret_key};
    options.checks_etags = config.checks_etags;
    options.buffer_bytes = config.buffer_bytes;
    return options;
}

std::unique_ptr<http::Client> make_s3_client(const Config& config, const http::Loops& loops,
                                             Context& context) {
    if (!is_s3(config)) return nullptr;
    http::ClientOptions options = client_options(config);
    // All of them go to the one store.
    const std::size_t possible = share_descriptors(config.server.connections).files / loops.size();
    options.pool.connections = std::clamp<std::size_t>(possible, 1, options.pool.connections);
    options.pool.connections_per_origin = options.pool.connections;
    return std::make_unique<http::Client>(std::move(options), context.metrics, context.log);
}

std::unique_ptr<blobs::Store> open_store(const Config& config, const DataFolder& folder, http::Client* s3,
                                         http::Loops& loops, Context& context) {
    if (s3 != nullptr)
        return blobs::open_s3_store(s3_options(config.s3), *s3, loops.workers(), loops.at(0).executor(),
                                    context);
    const std::string& named = config.blobs.dir;
    return blobs::open_filesystem_store({.folder = named.empty() ? folder.path() + "/blobs" : named,
                                         .open_files = share_descriptors(config.server.connections).files},
                                        loops.workers(), context);
}

Task<> run_collector(blobs::Collector& collector, Outcome outcome) {
    const blobs::Collected collected = co_await collector.run();
    outcome->set_value(collected.changes());
}

std::string render_report(const std::optional<std::string>& fault) {
    std::string report = "{\"fault\":";
    if (fault)
        append_json_string(report, *fault);
    else
        report += "null";
    return report + '}';
}

}  // namespace

BlobStorage::BlobStorage(const Config& config, const DataFolder& folder, db::Database& database,
                         http::Loops& loops, Context& context)
    : loops_(loops),
      s3_client_(make_s3_client(config, loops, context)),
      blobs_(open_store(config, folder, s3_client_.get(), loops, context), database, context),
      collector_(blobs_, config.blobs.grace) {
    context.health.add_check("storage", [this] { return blobs_.store().find_fault(); });
    context.health.add_report("storage", [this] { return render_report(blobs_.store().find_fault()); });
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
