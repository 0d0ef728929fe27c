// Quarantine in the database. Each change names the copy that was looked at, so that what was found out about
// one copy says nothing about the next.
#include "blobs/quarantine.hpp"

#include <fmt/format.h>

#include "base/blob_limits.hpp"
#include "base/hex.hpp"
#include "base/json_text.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

// The collector looks at it after a while: who needs it may have gone. $2: the copy. A second row of the same
// content has been made by an older program, if at all: each keeps its state then.
const db::Command<BlobId, BlobId, Time, Time, std::string> quarantine{
    "blob.quarantine",
    "UPDATE blobs SET state = 'quarantined', state_at = $3, withdrawn_at = $3, review_at = $4, "
    "                 checked_at = $3, fault = $5 "
    "WHERE id = $1 AND coalesce(copy_id, id) = $2 AND withdrawn_at IS NULL "
    "  AND NOT EXISTS (SELECT 1 FROM blobs AS o WHERE o.sha256 = blobs.sha256 AND o.state = 'quarantined')"};

const db::Command<BlobId, BlobId, Time, Time> release{
    "blob.release",
    "UPDATE blobs SET state = 'live', state_at = $3, withdrawn_at = NULL, review_at = $4, checked_at = $3, "
    "                 fault = NULL "
    "WHERE id = $1 AND coalesce(copy_id, id) = $2 AND state = 'quarantined' "
    "  AND NOT EXISTS (SELECT 1 FROM blobs AS o WHERE o.sha256 = blobs.sha256 AND o.withdrawn_at IS NULL)"};

const db::Command<BlobId, BlobId, Time, std::string> note_fault{
    "blob.note_fault",
    "UPDATE blobs SET checked_at = $3, fault = $4 "
    "WHERE id = $1 AND coalesce(copy_id, id) = $2 AND state = 'quarantined'"};

const db::Command<BlobId, BlobId, Time, Time> heal{
    "blob.heal",
    "UPDATE blobs SET copy_id = $2, state = 'live', state_at = $3, withdrawn_at = NULL, review_at = $4, "
    "                 checked_at = $3, fault = NULL "
    "WHERE id = $1 AND state = 'quarantined'"};

const db::Query<Blob, Sha256> find_by_content{
    "blob.find_quarantined",
    "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, fault, "
    "       copy_id "
    "FROM blobs WHERE sha256 = $1 AND state = 'quarantined'"};

const db::Query<Blob, DigestKind, db::Bytes> find_by_digest{
    "blob.find_quarantined_by_digest",
    "SELECT b.id, b.sha256, b.size_bytes, b.state, b.state_at, b.withdrawn_at, b.review_at, b.created_at, "
    "       b.checked_at, b.fault, b.copy_id "
    "FROM blob_digests AS d JOIN blobs AS b ON b.id = d.blob_id "
    "WHERE d.algorithm = $1 AND d.digest = $2 AND b.state = 'quarantined' ORDER BY d.blob_id LIMIT 1"};

const db::Query<Blob, BlobId, std::int64_t> list_after{
    "blob.list_quarantined",
    "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, fault, "
    "       copy_id "
    "FROM blobs WHERE state = 'quarantined' AND id > $1 ORDER BY id LIMIT $2"};

struct StateCount {
    BlobState state{};
    std::int64_t count = 0;
    std::int64_t bytes = 0;
};
BOOST_DESCRIBE_STRUCT(StateCount, (), (state, count, bytes))

const db::Query<StateCount> count_by_state{
    "blob.count_by_state",
    "SELECT state, count(*) AS count, CAST(coalesce(sum(size_bytes), 0) AS bigint) AS bytes "
    "FROM blobs WHERE state <> 'live' GROUP BY state"};

struct Totals {
    std::int64_t blobs = 0;
    std::int64_t bytes = 0;
    std::int64_t uploads = 0;
    std::int64_t promises = 0;
    std::int64_t unchecked = 0;
    std::optional<Time> oldest_check;
};
BOOST_DESCRIBE_STRUCT(Totals, (), (blobs, bytes, uploads, promises, unchecked, oldest_check))

const db::Query<Totals, Time> count_all{
    "blob.count_all",
    "SELECT count(*) AS blobs, CAST(coalesce(sum(size_bytes), 0) AS bigint) AS bytes, "
    "  (SELECT count(*) FROM uploads) AS uploads, (SELECT count(*) FROM blob_leases) AS promises, "
    "  coalesce(sum(CASE WHEN withdrawn_at IS NULL AND coalesce(checked_at, created_at) < $1 THEN 1 "
    "               ELSE 0 END), 0) AS unchecked, "
    "  min(CASE WHEN withdrawn_at IS NULL THEN coalesce(checked_at, created_at) END) AS oldest_check "
    "FROM blobs"};

void note(Tx& tx, std::string action, const Blob& blob, std::string_view fault) {
    std::string details =
        fmt::format(R"({{"sha256":"{}","size_bytes":{})", to_hex(blob.sha256), blob.size_bytes);
    if (!fault.empty()) {
        details += ",\"fault\":";
        append_json_string(details, fault);
    }
    tx.record({.action = std::move(action),
               .tenant = "",
               .subject = render_number(blob.id.value()),
               .details = details + "}"});
}

}  // namespace

bool quarantine_blob(Tx& tx, const Blob& seen, const std::string& fault) {
    if (tx.run(quarantine, seen.id, seen.key().id, tx.now(), tx.now() + limits::blob_lease, fault) == 0)
        return false;
    note(tx, "blob.quarantine", seen, fault);
    return true;
}

std::optional<Blob> quarantine_copy(Tx& tx, const BlobKey& copy, std::uint64_t stored_bytes) {
    auto blob = find_readable_blob(tx, copy.sha256);
    if (!blob || blob->key() != copy || static_cast<std::uint64_t>(blob->size_bytes) == stored_bytes)
        return std::nullopt;
    blob->fault = describe_wrong_size(stored_bytes, blob->size_bytes);
    if (!quarantine_blob(tx, *blob, *blob->fault)) return std::nullopt;
    return blob;
}

bool release_blob(Tx& tx, const Blob& seen) {
    if (tx.run(release, seen.id, seen.key().id, tx.now(), tx.now() + limits::blob_lease) == 0) return false;
    note(tx, "blob.release", seen, {});
    return true;
}

bool keep_quarantined(Tx& tx, const Blob& seen, const std::string& fault) {
    return tx.run(note_fault, seen.id, seen.key().id, tx.now(), fault) != 0;
}

std::optional<BlobId> heal_blob(Tx& tx, const Sha256& sha256, BlobId copy) {
    const auto found = tx.maybe(find_by_content, sha256);
    if (!found) return std::nullopt;
    if (tx.run(heal, found->id, copy, tx.now(), tx.now() + limits::blob_lease) == 0) return std::nullopt;
    note(tx, "blob.heal", *found, {});
    return found->id;
}

std::string describe_wrong_size(std::uint64_t stored_bytes, std::int64_t expected_bytes) {
    return fmt::format("there are {} bytes instead of {}", stored_bytes, expected_bytes);
}

void tell_quarantined(Log& log, const Blob& blob, std::string_view fault) {
    const std::string digest = to_hex(blob.sha256);
    log.error("a blob is damaged and quarantined: send the same bytes again, or bring them back",
              {{"sha256", std::string_view(digest)}, {"size_bytes", blob.size_bytes}, {"fault", fault}});
}

Counter& count_quarantined(Metrics& metrics) {
    return metrics.counter("lodestone_blobs_found_damaged_total",
                           "Blobs whose bytes were found to be gone, or not what they were.");
}

std::optional<Blob> find_quarantined_blob(Tx& tx, DigestKind kind, std::string_view digest) {
    if (digest.size() != digest_bytes(kind)) return std::nullopt;
    if (kind != DigestKind::sha256) {
        const auto* begin = reinterpret_cast<const std::byte*>(digest.data());
        return tx.maybe(find_by_digest, kind, db::Bytes{begin, begin + digest.size()});
    }
    Sha256 sha256{};
    std::ranges::copy(digest, sha256.begin());
    return tx.maybe(find_by_content, sha256);
}

std::vector<Blob> list_quarantined(Tx& tx, BlobId after, std::int64_t limit) {
    return tx.all(list_after, after, limit);
}

void refuse_quarantined(std::string_view what) {
    throw Problem(
        problems::unavailable,
        fmt::format("{} was damaged where it is kept, and is not handed out: publish the same bytes "
                    "again, or have the server's administrator bring them back.",
                    what));
}

BlobCounts count_blobs(Tx& tx) {
    BlobCounts counts;
    for (const StateCount& one : tx.all(count_by_state)) {
        switch (one.state) {
            case BlobState::live: break;
            case BlobState::condemned:
                counts.condemned = one.count;
                counts.condemned_bytes = one.bytes;
                break;
            case BlobState::deleting:
                counts.deleting = one.count;
                counts.deleting_bytes = one.bytes;
                break;
            case BlobState::quarantined:
                counts.quarantined = one.count;
                counts.quarantined_bytes = one.bytes;
                break;
        }
    }
    return counts;
}

StorageStatus describe_storage(Tx& tx, Time due) {
    const Totals all = tx.one(count_all, due);
    const BlobCounts counts = count_blobs(tx);
    StorageStatus status;
    status.blobs = all.blobs;
    status.bytes = all.bytes;
    status.condemned = counts.condemned;
    status.condemned_bytes = counts.condemned_bytes;
    status.deleting = counts.deleting;
    status.deleting_bytes = counts.deleting_bytes;
    status.quarantined = counts.quarantined;
    status.quarantined_bytes = counts.quarantined_bytes;
    status.live = all.blobs - counts.condemned - counts.deleting - counts.quarantined;
    status.live_bytes = all.bytes - counts.condemned_bytes - counts.deleting_bytes - counts.quarantined_bytes;
    status.reclaimable_bytes = counts.reclaimable_bytes();
    status.uploads = all.uploads;
    status.promises = all.promises;
    status.unchecked = all.unchecked;
    status.oldest_check = all.oldest_check;
    return status;
}

}  // namespace lodestone::blobs
