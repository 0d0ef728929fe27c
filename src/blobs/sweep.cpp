// What the store lists is asked about in the database, old things only; what is then removed has been unnamed
// at one moment at least, long after anybody could still name it.
#include "blobs/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/blob_limits.hpp"
#include "base/log.hpp"
#include "base/number_time.hpp"
#include "blobs/scrub_step.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

constexpr std::size_t most_digits = 8;  // of a slice; nobody has so many blobs that begin alike

}  // namespace

Sweeper::Sweeper(Blobs& blobs)
    : blobs_(blobs),
      removed_(blobs.context().metrics.counter(
          "lodestone_blobs_swept_total",
          "Stored bytes and drafts that nothing named, and that were removed.")) {}

std::optional<std::uint8_t> Sweeper::next_slice(Time now) {
    constexpr auto turn = std::chrono::microseconds(std::chrono::hours(24)) / 256;
    const auto slice = static_cast<std::uint8_t>(now.time_since_epoch() / turn % 256);
    if (last_slice_ == slice) return std::nullopt;
    last_slice_ = last_slice_ ? static_cast<std::uint8_t>(*last_slice_ + 1) : slice;
    return last_slice_;
}

Task<Swept> Sweeper::sweep(std::uint8_t slice) {
    const std::string digits = fmt::format("{:02x}", slice);
    Swept sum = co_await sweep_keys(digits);
    const Swept rests = co_await sweep_rests(digits);
    sum.removed += rests.removed;
    sum.of_another_database += rests.of_another_database;
    co_return sum;
}

Task<Sweeper::Choice> Sweeper::choose(std::vector<BlobId> ids) {
    Choice choice;
    if (ids.empty()) co_return choice;
    Time beginning{};
    auto ask = [&](Tx& tx) {
        beginning = find_beginning(tx);
        return list_unnamed(tx, ids);
    };
    choice.removed = co_await blobs_.database().read({}, ask);
    choice.of_another_database = static_cast<std::int64_t>(std::erase_if(
        choice.removed, [&](const BlobId& id) { return time_of_number(id.value()) < beginning; }));
    std::ranges::sort(choice.removed);
    co_return choice;
}

Task<Swept> Sweeper::sweep_keys(std::string slice) {
    const auto stored = co_await blobs_.store().list(slice, limits::swept_keys);
    Swept sum;
    if (stored.size() == limits::swept_keys && slice.size() < most_digits) {
        for (const char digit : std::string_view("0123456789abcdef")) {
            std::string digits = slice + digit;
            const Swept one = co_await sweep_keys(std::move(digits));
            sum.removed += one.removed;
            sum.of_another_database += one.of_another_database;
        }
        co_return sum;
    }
    const Time oldest = blobs_.context().clock.now() - limits::unnamed_age;
    std::vector<BlobId> ids;
    for (const StoredBlob& one : stored)
        if (one.stored_at < oldest) ids.push_back(one.key.id);
    const Choice choice = co_await choose(std::move(ids));
    sum.of_another_database = choice.of_another_database;
    for (const StoredBlob& one : stored) {
        if (!std::ranges::binary_search(choice.removed, one.key.id)) continue;
        co_await blobs_.store().remove(one.key);
        const std::string name = render_blob_key(one.key);
        blobs_.context().log.info("removed bytes that no row names", {{"key", std::string_view(name)}});
        removed_.add();
        ++sum.removed;
    }
    co_return sum;
}

// An object that was sent in parts is as old as its first part: what came to its end only now looks like one
// that a crash left behind long ago. So what is unnamed has to be found so again, a day later.
Task<Swept> Sweeper::sweep_rests(std::string slice) {
    const auto stored = co_await blobs_.store().list_rests(slice, limits::swept_keys);
    const Time oldest = blobs_.context().clock.now() - limits::unnamed_age;
    std::vector<BlobId> ids;
    for (const StoredRest& one : stored)
        if (one.stored_at < oldest) ids.push_back(one.id);
    const Choice choice = co_await choose(std::move(ids));
    const auto before = std::exchange(unnamed_rests_[slice], {});
    Swept sum{.removed = 0, .of_another_database = choice.of_another_database};
    for (const BlobId& id : choice.removed) {
        const auto seen = before.find(id);
        const Time since = seen == before.end() ? blobs_.context().clock.now() : seen->second;
        if (since >= oldest) {
            unnamed_rests_[slice].emplace(id, since);
            continue;
        }
        co_await blobs_.store().remove_rest(id);
        removed_.add();
        ++sum.removed;
    }
    co_return sum;
}

Task<Swept> Sweeper::sweep_drafts() {
    const Time oldest = blobs_.context().clock.now() - limits::unnamed_age;
    const auto drafts = co_await blobs_.store().list_drafts(oldest, limits::swept_keys);
    Swept sum;
    if (drafts.empty()) co_return sum;
    auto ask = [&](Tx& tx) { return list_unknown_drafts(tx, drafts); };
    const auto unknown = co_await blobs_.database().read({}, ask);
    for (const std::string& name : unknown) {
        co_await blobs_.store().discard(name, {});
        removed_.add();
        ++sum.removed;
    }
    co_return sum;
}

}  // namespace lodestone::blobs
