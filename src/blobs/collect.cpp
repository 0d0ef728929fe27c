// The loop around the steps: bytes are removed between two transactions, after the one that says that nobody
// gets them any more.
#include "blobs/collect.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/blob_limits.hpp"
#include "blobs/lease.hpp"
#include "blobs/upload.hpp"
#include "http/wire/sleep.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

// All of them have their turn in a little more than four hours.
std::uint8_t slice_of(Time now) {
    return static_cast<std::uint8_t>(now.time_since_epoch() / std::chrono::minutes(1) % 256);
}

// A disk that stands still for a moment is no reason to do so for long.
Task<> rest_since(SteadyTime began) {
    const SteadyTime now = std::chrono::steady_clock::now();
    const auto worked = std::clamp<SteadyTime::duration>(now - began, limits::collection_least_rest,
                                                         limits::collection_longest_rest);
    co_await http::sleep_until(now + worked);
}

}  // namespace

Collector::Collector(Blobs& blobs, std::chrono::microseconds grace)
    : blobs_(blobs),
      grace_(grace),
      reviewed_(blobs.context().metrics.counter("lodestone_blobs_reviewed_total",
                                                "Blobs of which the collector asked who needs them.")),
      condemned_(blobs.context().metrics.counter("lodestone_blobs_condemned_total",
                                                 "Blobs that nobody needed when they were looked at.")),
      deleted_(blobs.context().metrics.counter("lodestone_blobs_deleted_total",
                                               "Blobs whose bytes the collector removed.")),
      deleted_bytes_(blobs.context().metrics.counter("lodestone_blobs_deleted_bytes_total",
                                                     "How many bytes that were.")),
      uploads_(blobs.context().metrics.counter("lodestone_uploads_expired_total",
                                               "Upload sessions that nobody went on with.")) {}

Task<Collected> Collector::run(db::Unit unit, Pace pace) {
    Collected sum;
    auto look = [now = blobs_.context().clock.now()](Tx& tx) { return review_slice(tx, slice_of(now)); };
    co_await blobs_.database().write({}, look);
    co_await end_leases(sum);
    co_await end_uploads(sum);
    co_await collect_blobs(sum, pace);
    note(sum);
    if (sum.deleted == 0) co_return sum;
    auto record = [&](Tx& tx) {
        tx.record({.action = "blobs.collect",
                   .tenant = "",
                   .subject = "blobs",
                   .details = fmt::format(R"({{"condemned":{},"deleted":{},"deleted_bytes":{}}})",
                                          sum.condemned, sum.deleted, sum.deleted_bytes)});
    };
    co_await blobs_.database().write(std::move(unit), record);
    co_return sum;
}

Task<> Collector::collect_blobs(Collected& sum, Pace pace) {
    while (!is_stopping_.load()) {
        const SteadyTime began = std::chrono::steady_clock::now();
        auto step = [this](Tx& tx) { return review_blobs(tx, grace_); };
        const Review review = co_await blobs_.database().write({}, step);
        if (review.reviewed == 0) co_return;
        sum.reviewed += review.reviewed;
        sum.condemned += review.condemned;
        co_await delete_blobs(review.doomed, sum);
        if (pace == Pace::half) co_await rest_since(began);
    }
}

Task<> Collector::delete_blobs(const std::vector<Blob>& doomed, Collected& sum) {
    if (doomed.empty()) co_return;
    for (const Blob& blob : doomed) co_await blobs_.store().remove(blob.key());
    auto forget = [&](Tx& tx) { return forget_blobs(tx, doomed); };
    sum.deleted += co_await blobs_.database().write({}, forget);
    for (const Blob& blob : doomed) sum.deleted_bytes += blob.size_bytes;
}

Task<> Collector::end_uploads(Collected& sum) {
    while (!is_stopping_.load()) {
        auto list = [](Tx& tx) { return list_expired_uploads(tx, tx.now()); };
        const auto expired = co_await blobs_.database().read({}, list);
        std::int64_t ended = 0;
        for (const ExpiredUpload& one : expired) {
            co_await blobs_.store().discard(one.id.text(), one.store_state);
            auto remove = [&](Tx& tx) { return delete_expired_upload(tx, one, tx.now()); };
            ended += co_await blobs_.database().write({}, remove);
        }
        sum.uploads += ended;
        if (ended == 0) co_return;
    }
}

Task<> Collector::end_leases(Collected& sum) {
    while (!is_stopping_.load()) {
        auto purge = [](Tx& tx) { return purge_leases(tx, tx.now()); };
        const std::int64_t ended = co_await blobs_.database().write({}, purge);
        sum.leases += ended;
        if (ended == 0) co_return;
    }
}

void Collector::note(const Collected& sum) {
    reviewed_.add(static_cast<std::uint64_t>(sum.reviewed));
    condemned_.add(static_cast<std::uint64_t>(sum.condemned));
    deleted_.add(static_cast<std::uint64_t>(sum.deleted));
    deleted_bytes_.add(static_cast<std::uint64_t>(sum.deleted_bytes));
    uploads_.add(static_cast<std::uint64_t>(sum.uploads));
}

}  // namespace lodestone::blobs
