// One blob after the other, each a piece after the other; what was found out is written down a few times a
// minute, in transactions that are over in a moment.
#include "blobs/scrub.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "blobs/quarantine.hpp"
#include "blobs/scrub_step.hpp"
#include "http/wire/sleep.hpp"

namespace lodestone::blobs {

using db::Tx;
using std::chrono::steady_clock;

namespace {

constexpr std::string_view other_row = "they are what they were, and another row has them meanwhile";

constexpr std::chrono::milliseconds longest_sleep{100};  // until it is asked again whether we are stopping

// Empty: they are what they should be.
std::string judge(const Blob& blob, const Rehashed& found) {
    if (!found.fault.empty()) return "they cannot be read: " + found.fault;
    if (found.size_bytes != static_cast<std::uint64_t>(blob.size_bytes))
        return describe_wrong_size(found.size_bytes, blob.size_bytes);
    if (found.sha256 != blob.sha256) return "their SHA-256 is " + to_hex(found.sha256);
    return {};
}

}  // namespace

Scrubber::Scrubber(Blobs& blobs, ScrubOptions options)
    : blobs_(blobs),
      options_(options),
      sweeper_(blobs),
      checked_(blobs.context().metrics.counter("lodestone_blobs_checked_total",
                                               "Blobs whose bytes were hashed again.")),
      checked_bytes_(blobs.context().metrics.counter("lodestone_blobs_checked_bytes_total",
                                                     "How many bytes that were.")),
      quarantined_(count_quarantined(blobs.context().metrics)),
      released_(blobs.context().metrics.counter(
          "lodestone_blobs_released_total", "Quarantined blobs whose bytes were what they were after all.")),
      unreadable_(blobs.context().metrics.counter(
          "lodestone_blobs_unreadable_total",
          "Blobs that the storage did not give when they were to be hashed.")),
      last_run_(blobs.context().metrics.gauge(
          "lodestone_scrub_last_done_seconds",
          "When this node last found nothing left to hash again, in seconds since 1970.")) {}

void Scrubber::stop() {
    is_stopping_.store(true);
    rehasher_.stop();
}

Task<Scrubbed> Scrubber::run(ScrubScope scope) {
    const Time now = blobs_.context().clock.now();
    Run run{.scope = std::move(scope), .began = now, .next_note = steady_clock::now() + options_.note_pause};
    next_piece_ = steady_clock::now();
    if (run.scope.believes_loss)
        co_await blobs_.belonging().adopt();
    else if (!blobs_.belonging().is_certain())
        co_await blobs_.belonging().look();
    if (auto fault = blobs_.belonging().find_fault()) {
        set_fault(std::move(fault));
        co_return run.sum;
    }
    const bool has_quarantined = run.scope.has_all || run.scope.has_quarantined;
    co_await look_at_all(run, list_quarantined_unchecked,
                         has_quarantined ? now : now - limits::quarantine_check_pause);
    co_await look_at_all(run, list_unchecked, run.scope.has_all ? now : now - options_.interval);
    co_await sweep(run);
    if (is_over(run)) co_return run.sum;
    set_fault(std::nullopt);
    last_run_.set(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
    co_return run.sum;
}

Task<> Scrubber::look_at_all(Run& run, ListDue list, Time due) {
    while (!is_over(run)) {
        // What could not be read may be due still, and comes first then.
        const std::int64_t limit = limits::scrubbed_rows + std::ssize(run.unreadable);
        auto ask = [&](Tx& tx) { return list(tx, due, limit); };
        std::vector<Blob> found = co_await blobs_.database().read({}, ask);
        std::erase_if(found, [&](const Blob& blob) { return run.unreadable.contains(blob.id); });
        if (std::ssize(found) > limits::scrubbed_rows) found.resize(limits::scrubbed_rows);
        if (found.empty()) co_return;
        co_await look_at(run, std::move(found));
        co_await note(run);
        co_await sweep(run);
    }
}

// Not all of them where that takes long: what somebody did not find comes first, and slices have their turn.
Task<> Scrubber::look_at(Run& run, std::vector<Blob> due) {
    const SteadyTime end = steady_clock::now() + options_.note_pause;
    for (Blob& blob : due) {
        if (is_over(run)) co_return;
        auto finding = co_await examine(run, std::move(blob));
        if (!finding) co_return;
        if (finding->is_good()) {
            run.has_found_any = true;
            run.has_found_old = run.has_found_old || is_old(run, finding->blob);
        }
        if (finding->is_unreadable) run.unreadable.insert(finding->blob.id);
        run.findings.push_back(*std::move(finding));
        if (steady_clock::now() >= end) co_return;
    }
}

// Nothing: it was told to stop in between, or the storage is in trouble.
Task<std::optional<Scrubber::Finding>> Scrubber::examine(Run& run, Blob blob) {
    Finding finding{.blob = std::move(blob)};
    Reading reading = co_await read(run, finding.blob.key());
    // What a disk did not read it may read the next moment.
    if (!reading.found.fault.empty()) reading = co_await read(run, finding.blob.key());
    const bool is_unread = !reading.found.fault.empty();
    const bool is_in_trouble = is_unread && !co_await is_disk_well(run, finding.blob.id);
    if (is_over(run) || reading.found.is_ended) co_return std::nullopt;
    if (is_in_trouble) {
        end_in_trouble(run, reading.found.fault);
        co_return std::nullopt;
    }
    finding.is_missing = reading.is_missing;
    finding.is_unreadable = !reading.refusal.empty();
    if (finding.is_missing)
        finding.fault = missing_bytes;
    else
        finding.fault = finding.is_unreadable ? reading.refusal : judge(finding.blob, reading.found);
    checked_bytes_.add(reading.found.size_bytes);
    if (reading.found.size_bytes < limits::scrub_least_bytes)
        co_await keep_pace(run, limits::scrub_least_bytes - reading.found.size_bytes);
    co_return finding;
}

Task<Scrubber::Reading> Scrubber::read(Run& run, BlobKey key, std::uint64_t most_bytes) {
    Reading reading;
    const Rehasher::Pace pace = [this, &run](std::uint64_t size_bytes) { return keep_pace(run, size_bytes); };
    try {
        auto body = co_await blobs_.store().open(key);
        reading.is_missing = !body;
        auto* const file = body ? std::get_if<http::FileSlice>(&*body) : nullptr;
        if (file != nullptr) file->size_bytes = std::min(file->size_bytes, most_bytes);
        if (body) reading.found = co_await rehasher_.hash(*std::move(body), pace);
    } catch (const Problem& problem) {
        if (run.is_noting) throw;  // of the database: it says nothing about these bytes
        // The storage as a whole may be in trouble, which it says itself.
        reading.refusal = problem.detail() + " " + problem.internal();
    }
    co_return reading;
}

// A disk that is failing, or is gone, reads nothing any more, and giving all of that up would make it so. So
// some of the oldest and the newest are read, too, until one can be. Where there is no other, it is damage.
Task<bool> Scrubber::is_disk_well(Run& run, BlobId unread) {
    if (run.scope.believes_loss) co_return true;
    auto ask = [&](Tx& tx) { return list_witnesses(tx, limits::scrub_suspicious_blobs, run.began); };
    const std::vector<Blob> others = co_await blobs_.database().read({}, ask);
    bool is_well = true;
    for (const Blob& other : others) {
        if (other.id == unread || other.size_bytes == 0) continue;
        const Reading reading = co_await read(run, other.key(), limits::scrub_piece_bytes);
        if (is_over(run) || reading.found.size_bytes != 0) co_return true;
        is_well = false;
    }
    co_return is_well;
}

// It is left due, so that each run asks the disk again, and the fault stands until it is well.
void Scrubber::end_in_trouble(Run& run, std::string_view fault) {
    run.is_over = true;
    ++run.sum.unreadable;
    unreadable_.add();
    set_fault(
        fmt::format("nothing that is stored can be read any more: {}; see to the disk: nothing is given "
                    "up meanwhile{}",
                    fault, or_lost));
}

Task<bool> Scrubber::keep_pace(Run& run, std::uint64_t size_bytes) {
    if (steady_clock::now() >= run.next_note) co_await note(run);
    if (options_.rate_bytes == 0) co_return !is_over(run);
    const auto share = std::chrono::nanoseconds(static_cast<std::int64_t>(
        static_cast<double>(size_bytes) / static_cast<double>(options_.rate_bytes) * 1e9));
    // What was not used for long is not made up for.
    next_piece_ = std::max(next_piece_, steady_clock::now() - std::chrono::seconds(1)) +
                  std::chrono::duration_cast<SteadyTime::duration>(share);
    while (!is_over(run) && steady_clock::now() < next_piece_) {
        const SteadyTime until = std::min(next_piece_, steady_clock::now() + longest_sleep);
        co_await http::sleep_until(until);
        if (steady_clock::now() >= run.next_note) co_await note(run);
    }
    co_return !is_over(run);
}

// A folder that is not mounted, or the bucket of another installation, has nothing of what we look for.
// Saying of each blob that it is lost would make it so: whoever pushes next would have to send everything.
// So others are asked for, too, and if all of them are missing there is something else amiss. What came since
// it is amiss is there, and says nothing.
Task<bool> Scrubber::is_another_storage(const Run& run) {
    std::set<BlobId> missing;
    for (const Finding& finding : run.findings)
        if (finding.is_missing && finding.blob.state != BlobState::quarantined)
            missing.insert(finding.blob.id);
    if (missing.empty() || run.scope.believes_loss || run.has_found_old) co_return false;
    const auto fault = find_fault();
    const bool are_many = std::ssize(missing) >= limits::scrub_suspicious_blobs ||
                          (fault && fault->starts_with(another_storage));
    switch (co_await blobs_.ask_witnesses(std::move(missing))) {
        case Testimony::found: co_return false;
        case Testimony::all_missing: co_return true;
        case Testimony::known_missing: co_return are_many;
        case Testimony::none: co_return are_many && !run.has_found_any;
    }
    co_return false;
}

// It was there before anything can have gone amiss that we do not know of.
bool Scrubber::is_old(const Run& run, const Blob& blob) {
    return blob.created_at < run.began - limits::unnamed_age && !blob.copy_id;
}

Task<> Scrubber::note(Run& run) {
    run.next_note = steady_clock::now() + options_.note_pause;
    if (run.findings.empty() && !run.scope.keep_turn) co_return;
    run.is_noting = true;  // and stays so when it fails
    co_await note_findings(run);
    run.is_noting = false;
}

Task<> Scrubber::note_findings(Run& run) {
    if (co_await is_another_storage(run)) {
        run.findings.clear();
        run.is_over = true;
        set_fault(std::string(another_storage) + std::string(or_lost));
        co_return;
    }
    auto write = [&](Tx& tx) { return note_in(tx, run); };
    db::Unit unit = run.scope.unit;
    const Noted noted = co_await blobs_.database().write(std::move(unit), write);
    report(run, noted);
    run.findings.clear();
    if (!noted.has_turn) run.is_over = true;
}

Scrubber::Noted Scrubber::note_in(Tx& tx, const Run& run) const {
    Noted noted;
    std::vector<Blob> good;
    std::vector<Blob> unread;
    std::vector<Blob> unread_quarantined;
    for (const Finding& finding : run.findings) {
        const bool was_quarantined = finding.blob.state == BlobState::quarantined;
        noted.sum.unreadable += finding.is_unreadable ? 1 : 0;
        noted.sum.checked += finding.is_unreadable ? 0 : 1;
        if (!was_quarantined && (finding.is_good() || finding.is_unreadable))
            (finding.is_good() ? good : unread).push_back(finding.blob);
        else if (finding.is_unreadable)
            unread_quarantined.push_back(finding.blob);
        else if (finding.is_good() && release_blob(tx, finding.blob))
            noted.released.push_back(finding);
        else if (was_quarantined)
            keep_quarantined(tx, finding.blob, finding.is_good() ? std::string(other_row) : finding.fault);
        else if (quarantine_blob(tx, finding.blob, finding.fault))
            noted.quarantined.push_back(finding);
        else
            good.push_back(finding.blob);  // it has another copy by now, or another row is quarantined
        if (!finding.is_unreadable)
            noted.sum.checked_bytes += finding.is_missing ? 0 : finding.blob.size_bytes;
    }
    note_checked(tx, good);
    note_unreadable(tx, unread, tx.now() - options_.interval + limits::unreadable_pause);
    note_unreadable(tx, unread_quarantined,
                    tx.now() - limits::quarantine_check_pause + limits::unreadable_pause);
    noted.sum.quarantined = static_cast<std::int64_t>(noted.quarantined.size());
    noted.sum.released = static_cast<std::int64_t>(noted.released.size());
    if (run.scope.keep_turn) noted.has_turn = run.scope.keep_turn(tx);
    return noted;
}

void Scrubber::report(Run& run, const Noted& noted) {
    Log& log = blobs_.context().log;
    if (run.has_found_old && !run.is_over) set_fault(std::nullopt);
    for (const Finding& finding : noted.quarantined) tell_quarantined(log, finding.blob, finding.fault);
    for (const Finding& finding : noted.released) {
        const std::string digest = to_hex(finding.blob.sha256);
        log.info("a quarantined blob is what it was, and is handed out again",
                 {{"sha256", std::string_view(digest)}});
    }
    for (const Finding& finding : run.findings) {
        if (!finding.is_unreadable) continue;
        const std::string digest = to_hex(finding.blob.sha256);
        log.warn("a blob could not be read to be hashed again",
                 {{"sha256", std::string_view(digest)}, {"why", std::string_view(finding.fault)}});
    }
    checked_.add(static_cast<std::uint64_t>(noted.sum.checked));
    quarantined_.add(static_cast<std::uint64_t>(noted.sum.quarantined));
    released_.add(static_cast<std::uint64_t>(noted.sum.released));
    unreadable_.add(static_cast<std::uint64_t>(noted.sum.unreadable));
    run.sum.checked += noted.sum.checked;
    run.sum.checked_bytes += noted.sum.checked_bytes;
    run.sum.quarantined += noted.sum.quarantined;
    run.sum.released += noted.sum.released;
    run.sum.unreadable += noted.sum.unreadable;
}

// Whoever asks for all may have put an older backup of the database back, which names little of what is
// stored: what goes then goes in the course of a day, and not at once.
Task<> Scrubber::sweep(Run& run) {
    if (run.scope.has_all || is_over(run)) co_return;
    if (const auto slice = sweeper_.next_slice(blobs_.context().clock.now()))
        co_await sweep_slice(run, *slice);
}

// Drafts have their turn with the first slice.
Task<> Scrubber::sweep_slice(Run& run, std::uint8_t slice) {
    Swept swept = co_await sweeper_.sweep(slice);
    if (slice == 0) {
        const Swept drafts = co_await sweeper_.sweep_drafts();
        swept.removed += drafts.removed;
    }
    run.sum.removed += swept.removed;
    run.sum.of_another_database += swept.of_another_database;
    if (swept.removed == 0) co_return;
    auto record = [&](Tx& tx) {
        tx.record({.action = "blob.sweep",
                   .tenant = "",
                   .subject = "blobs",
                   .details = fmt::format(R"({{"removed":{}}})", swept.removed)});
    };
    db::Unit unit = run.scope.unit;
    co_await blobs_.database().write(std::move(unit), record);
}

std::optional<std::string> Scrubber::find_fault() {
    const std::lock_guard lock(mutex_);
    return fault_;
}

void Scrubber::set_fault(std::optional<std::string> fault) {
    const std::lock_guard lock(mutex_);
    if (fault && fault_ != fault) {
        const std::string& sentence = *fault;
        blobs_.context().log.error("scrubbing has stopped", {{"why", std::string_view(sentence)}});
    }
    fault_ = std::move(fault);
}

}  // namespace lodestone::blobs
