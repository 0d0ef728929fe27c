// One mutex for each group of versions, so that loops seldom meet at one.
#include "packages/count_downloads.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "base/clock.hpp"
#include "base/package_limits.hpp"
#include "db/database.hpp"

namespace lodestone::packages {

namespace {

DownloadCount make_count(const PackagePlace& place, const VersionId& version, std::int64_t day,
                         std::int64_t count) {
    return {.tenant_id = place.tenant,
            .repository_id = place.repository,
            .package_id = place.package,
            .version_id = version,
            .day = day,
            .count = count};
}

}  // namespace

DownloadCounter::DownloadCounter(Context& context)
    : context_(context),
      last_written_(context.clock.steady_now()),
      lost_(context.metrics.counter("lodestone_downloads_uncounted_total",
                                    "Downloads that were not counted: too many versions at a time.")) {}

void DownloadCounter::note(const VersionPlace& version) {
    add(version, day_of(context_.clock.now()), 1);
}

void DownloadCounter::add(const VersionPlace& version, std::int64_t day, std::int64_t count) {
    Shard& shard = shards_[std::hash<VersionId>{}(version.version) % shard_count];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.today.find(version.version);
    if (found != shard.today.end() && found->second.day == day) {
        found->second.count += count;
        return;
    }
    if (waiting_.load() >= limits::counted_versions) {
        lost_.add(static_cast<std::uint64_t>(count));
        return;
    }
    ++waiting_;
    if (found == shard.today.end()) {
        shard.today.emplace(version.version, Waiting{version.package, day, count});
        return;
    }
    Waiting& waiting = found->second;
    shard.ended.push_back(make_count(waiting.place, version.version, waiting.day, waiting.count));
    waiting.day = day;
    waiting.count = count;
}

bool DownloadCounter::is_due() const {
    const std::size_t waiting = waiting_.load();
    if (waiting == 0) return false;
    return waiting > limits::counted_versions / 2 ||
           context_.clock.steady_now() - last_written_.load() >= limits::download_write_interval;
}

std::vector<DownloadCount> DownloadCounter::take() {
    std::vector<DownloadCount> taken;
    for (Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        waiting_ -= shard.today.size() + shard.ended.size();
        for (const auto& [version, waiting] : shard.today)
            taken.push_back(make_count(waiting.place, version, waiting.day, waiting.count));
        std::ranges::move(shard.ended, std::back_inserter(taken));
        shard.today.clear();
        shard.ended.clear();
    }
    return taken;
}

std::size_t DownloadCounter::write(db::Database& database) {
    const std::vector<DownloadCount> counts = take();
    std::span<const DownloadCount> left(counts);
    // Comes back as it went unless it was written.
    struct GiveBack {
        DownloadCounter& counter;
        std::span<const DownloadCount>& left;
        ~GiveBack() {
            for (const DownloadCount& one : left)
                counter.add({{one.tenant_id, one.repository_id, one.package_id}, one.version_id}, one.day,
                            one.count);
        }
    } give_back{*this, left};
    last_written_ = context_.clock.steady_now();
    while (!left.empty()) {
        const auto batch = left.first(std::min(left.size(), limits::bulk_rows));
        database.write_now(db::Unit{}, [&](db::Tx& tx) { add_downloads(tx, batch); });
        left = left.subspan(batch.size());
    }
    return counts.size();
}

}  // namespace lodestone::packages
