// Files in the data folder or where the configuration says, or objects in an S3-compatible store.
#include "app/serving/blob_storage.hpp"

#include <fmt/format.h>

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
#include "base/metrics.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "blobs/store/s3_store.hpp"
#include "http/wire/spawn.hpp"

namespace lodestone::app {

namespace {

constexpr std::chrono::seconds counts_lifetime{5};
constexpr std::chrono::seconds stop_patience{10};

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

std::string blob_folder(const Config& config, const DataFolder& folder) {
    return config.blobs.dir.empty() ? folder.path() + "/blobs" : config.blobs.dir;
}

// Where there is room for what is going to be stored; on S3 that is of no use to us.
std::string scratch_folder(const Config& config, const DataFolder& folder) {
    return (is_s3(config) ? folder.path() : blob_folder(config, folder)) + "/tmp";
}

std::unique_ptr<blobs::Store> open_store(const Config& config, const DataFolder& folder, http::Client* s3,
                                         http::Loops& loops, Context& context) {
    if (s3 != nullptr)
        return blobs::open_s3_store(s3_options(config.s3), *s3, loops.workers(), loops.at(0).executor(),
                                    context);
    return blobs::open_filesystem_store({.folder = blob_folder(config, folder),
                                         .open_files = share_descriptors(config.server.connections).files},
                                        loops.workers(), context);
}

template <class Result>
Task<> run_to(Task<Result> work, std::shared_ptr<std::promise<Result>> outcome) {
    outcome->set_value(co_await std::move(work));
}

// What it fails of, whoever waits for it is told.
template <class Result>
std::future<Result> start_on(http::Loop& loop, Task<Result> work) {
    const auto outcome = std::make_shared<std::promise<Result>>();
    auto future = outcome->get_future();
    http::spawn(loop.executor(), run_to(std::move(work), outcome), [outcome](std::string_view why) {
        outcome->set_exception(std::make_exception_ptr(std::runtime_error(std::string(why))));
    });
    return future;
}

}  // namespace

BlobStorage::BlobStorage(const Config& config, const DataFolder& folder, db::Database& database,
                         http::Loops& loops, Context& context)
    : loops_(loops),
      context_(context),
      s3_client_(make_s3_client(config, loops, context)),
      blobs_(open_store(config, folder, s3_client_.get(), loops, context), database, context,
             scratch_folder(config, folder)),
      collector_(blobs_, config.blobs.grace),
      scrubber_(blobs_,
                {.interval = config.blobs.scrub_interval, .rate_bytes = config.blobs.scrub_rate_bytes}) {
    if (is_s3(config) && config.s3.redirects)
        blobs_.give_links(
            {.lifetime = std::chrono::duration_cast<std::chrono::seconds>(config.s3.redirect_lifetime)});
    context.health.add_check("storage", [this] { return find_storage_fault(); });
    context.health.add_check("blobs", [this] { return find_damage(); }, Health::Need::helpful);
    context.health.add_report("storage", [this] { return render_report(); });
    add_readers(context.metrics);
}

blobs::Collected BlobStorage::collect(db::Unit unit, blobs::Pace pace) {
    return start_on(loops_.at(0), collector_.run(std::move(unit), pace)).get();
}

blobs::Scrubbed BlobStorage::scrub(blobs::ScrubScope scope) {
    return start_on(loops_.at(0), scrubber_.run(std::move(scope))).get();
}

std::int64_t BlobStorage::scrub_beside(std::function<bool(db::Tx& tx)> keep_turn) {
    const std::lock_guard lock(mutex_);
    std::int64_t changes = 0;
    if (scrubbing_.valid()) {
        if (scrubbing_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return 0;
        std::future<blobs::Scrubbed> last = std::move(scrubbing_);
        changes = last.get().changes();  // or throws what it failed of
    }
    scrubbing_ = start_on(loops_.at(0), scrubber_.run({.keep_turn = std::move(keep_turn)}));
    return changes;
}

void BlobStorage::stop_collecting() {
    collector_.stop();
    scrubber_.stop();
    const std::lock_guard lock(mutex_);
    if (!scrubbing_.valid()) return;
    // It may wait for a store that is in trouble: then nothing of it is tried again.
    if (scrubbing_.wait_for(stop_patience) == std::future_status::timeout) blobs_.stop();
    scrubbing_.wait();
}

blobs::BlobCounts BlobStorage::counts() {
    blobs::BlobCounts counts;
    {
        const std::lock_guard lock(known_->mutex);
        counts = known_->counts;
        const SteadyTime now = context_.clock.steady_now();
        if (now < known_->next_look) return counts;
        known_->next_look = now + counts_lifetime;
    }
    auto keep = [known = known_](const std::exception_ptr& failure, auto found) {
        if (failure) return;
        const std::lock_guard lock(known->mutex);
        known->counts = found.take();
    };
    blobs_.database().read_for(std::move(keep), {}, [](db::Tx& tx) { return blobs::count_blobs(tx); });
    return counts;
}

// Whether the storage is the right one is asked beside those who want to know: they hear it the next time.
std::optional<std::string> BlobStorage::find_storage_fault() {
    blobs::Belonging& belonging = blobs_.belonging();
    if (belonging.take_turn()) start_on(loops_.at(0), belonging.look());
    return blobs_.find_fault();
}

std::optional<std::string> BlobStorage::find_damage() {
    if (auto fault = scrubber_.find_fault()) return fault;
    const std::int64_t quarantined = counts().quarantined;
    if (quarantined == 0) return std::nullopt;
    return fmt::format("{} blobs are damaged and quarantined: see `lodestone storage quarantined`",
                       quarantined);
}

// {"fault":null,"condemned":0,…}
std::string BlobStorage::render_report() {
    auto fault = blobs_.find_fault();
    if (!fault) fault = find_damage();
    std::string report = "{\"fault\":";
    if (fault)
        append_json_string(report, *fault);
    else
        report += "null";
    const blobs::BlobCounts known = counts();
    return report + fmt::format(R"(,"condemned":{},"deleting":{},"quarantined":{},"reclaimable_bytes":{}}})",
                                known.condemned, known.deleting, known.quarantined,
                                known.reclaimable_bytes());
}

void BlobStorage::add_readers(Metrics& metrics) {
    const auto add = [&](std::string_view name, std::string_view help, auto pick) {
        metrics.add_reader(name, help, Metrics::ReadAs::gauge,
                           [this, pick] { return static_cast<double>(pick(counts())); });
    };
    using blobs::BlobCounts;
    add("lodestone_blobs_condemned", "Blobs that nobody needs, and that are still readable.",
        [](const BlobCounts& known) { return known.condemned; });
    add("lodestone_blobs_deleting", "Blobs whose bytes are on their way out.",
        [](const BlobCounts& known) { return known.deleting; });
    add("lodestone_blobs_reclaimable_bytes", "Bytes of blobs that nobody needs.",
        [](const BlobCounts& known) { return known.reclaimable_bytes(); });
    add("lodestone_blobs_quarantined", "Blobs that are damaged, and that nobody is given.",
        [](const BlobCounts& known) { return known.quarantined; });
}

}  // namespace lodestone::app
