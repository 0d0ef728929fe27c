// Each UPDATE asks again for all that it depends on: a row that was read a statement before may have changed
// on PostgreSQL, which then repeats the transaction.
#include "blobs/collect_step.hpp"

#include "base/blob_limits.hpp"
#include "db/bulk.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

constexpr auto removal_patience = std::chrono::minutes(10);  // then somebody else removes the bytes

const db::Query<Blob, Time, std::int64_t> list_due{
    "blob.list_due",
    "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, fault, "
    "       copy_id "
    "FROM blobs WHERE review_at <= $1 ORDER BY review_at LIMIT $2"};

// $1: their ids; $2: now.
const db::Command<std::string, Time> keep_needed{
    "blob.keep_needed",
    {"UPDATE blobs SET state = 'live', state_at = CASE WHEN state = 'live' THEN state_at ELSE $2 END, "
     " review_at = (SELECT max(l.until_at) FROM blob_leases AS l WHERE l.blob_id = blobs.id AND l.until_at > "
     "$2) "
     "WHERE id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) AND withdrawn_at IS NULL "
     "  AND (EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = blobs.id) "
     "       OR EXISTS (SELECT 1 FROM blob_leases AS l WHERE l.blob_id = blobs.id AND l.until_at > $2))",
     "UPDATE blobs SET state = 'live', state_at = CASE WHEN state = 'live' THEN state_at ELSE $2 END, "
     " review_at = (SELECT max(l.until_at) FROM blob_leases AS l WHERE l.blob_id = blobs.id AND l.until_at > "
     "$2) "
     "WHERE id IN (SELECT value->>'id' FROM json_each($1)) AND withdrawn_at IS NULL "
     "  AND (EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = blobs.id) "
     "       OR EXISTS (SELECT 1 FROM blob_leases AS l WHERE l.blob_id = blobs.id AND l.until_at > $2))"}};

// What is quarantined and needed waits for its bytes, not for the collector.
const db::Command<std::string, Time> keep_quarantined{
    "blob.keep_quarantined",
    {"UPDATE blobs SET review_at = (SELECT max(l.until_at) FROM blob_leases AS l "
     "                              WHERE l.blob_id = blobs.id AND l.until_at > $2) "
     "WHERE id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) AND state = 'quarantined' "
     "  AND (EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = blobs.id) "
     "       OR EXISTS (SELECT 1 FROM blob_leases AS l WHERE l.blob_id = blobs.id AND l.until_at > $2))",
     "UPDATE blobs SET review_at = (SELECT max(l.until_at) FROM blob_leases AS l "
     "                              WHERE l.blob_id = blobs.id AND l.until_at > $2) "
     "WHERE id IN (SELECT value->>'id' FROM json_each($1)) AND state = 'quarantined' "
     "  AND (EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = blobs.id) "
     "       OR EXISTS (SELECT 1 FROM blob_leases AS l WHERE l.blob_id = blobs.id AND l.until_at > $2))"}};

// Their grace is over: that is when their review came. $3: when to look again.
const db::Command<std::string, Time, Time> doom{
    "blob.doom",
    {"UPDATE blobs SET state = 'deleting', state_at = $2, withdrawn_at = $2, review_at = $3 "
     "WHERE id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) "
     "  AND state IN ('condemned', 'quarantined') AND review_at <= $2 "
     "  AND NOT EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = blobs.id) "
     "  AND NOT EXISTS (SELECT 1 FROM blob_leases AS l WHERE l.blob_id = blobs.id AND l.until_at > $2)",
     "UPDATE blobs SET state = 'deleting', state_at = $2, withdrawn_at = $2, review_at = $3 "
     "WHERE id IN (SELECT value->>'id' FROM json_each($1)) "
     "  AND state IN ('condemned', 'quarantined') AND review_at <= $2 "
     "  AND NOT EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = blobs.id) "
     "  AND NOT EXISTS (SELECT 1 FROM blob_leases AS l WHERE l.blob_id = blobs.id AND l.until_at > $2)"}};

struct IdRow {
    BlobId id;
};
BOOST_DESCRIBE_STRUCT(IdRow, (), (id))

std::string render_ids(std::span<const Blob> blobs) {
    std::vector<IdRow> rows;
    rows.reserve(blobs.size());
    for (const Blob& blob : blobs) rows.push_back({blob.id});
    std::span<const IdRow> rest(rows);
    return db::take_json_rows(rest);
}

// Of an earlier run that did not come to its end, and those above.
const db::Command<std::string, Time> take_doomed{
    "blob.take_doomed",
    {"UPDATE blobs SET review_at = $2 "
     "WHERE id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) AND state = 'deleting'",
     "UPDATE blobs SET review_at = $2 "
     "WHERE id IN (SELECT value->>'id' FROM json_each($1)) AND state = 'deleting'"}};

// $3: when to look again.
const db::Command<std::string, Time, Time> condemn{
    "blob.condemn",
    {"UPDATE blobs SET state = 'condemned', state_at = $2, review_at = $3 "
     "WHERE id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) "
     "  AND state = 'live' AND review_at <= $2 "
     "  AND NOT EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = blobs.id) "
     "  AND NOT EXISTS (SELECT 1 FROM blob_leases AS l WHERE l.blob_id = blobs.id AND l.until_at > $2)",
     "UPDATE blobs SET state = 'condemned', state_at = $2, review_at = $3 "
     "WHERE id IN (SELECT value->>'id' FROM json_each($1)) "
     "  AND state = 'live' AND review_at <= $2 "
     "  AND NOT EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = blobs.id) "
     "  AND NOT EXISTS (SELECT 1 FROM blob_leases AS l WHERE l.blob_id = blobs.id AND l.until_at > $2)"}};

const db::Query<Blob, std::string> list_doomed{
    "blob.list_doomed",
    {"SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, "
     "fault, "
     "       copy_id "
     "FROM blobs WHERE id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) AND state = "
     "'deleting'",
     "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, "
     "fault, "
     "       copy_id "
     "FROM blobs WHERE id IN (SELECT value->>'id' FROM json_each($1)) AND state = 'deleting'"}};

const db::Command<std::string> delete_digests{
    "blob.delete_digests",
    {"DELETE FROM blob_digests WHERE blob_id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint))",
     "DELETE FROM blob_digests WHERE blob_id IN (SELECT value->>'id' FROM json_each($1))"}};

const db::Command<std::string> delete_leases{
    "blob.delete_leases",
    {"DELETE FROM blob_leases WHERE blob_id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint))",
     "DELETE FROM blob_leases WHERE blob_id IN (SELECT value->>'id' FROM json_each($1))"}};

const db::Command<std::string> delete_blobs{
    "blob.delete",
    {"DELETE FROM blobs WHERE id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) "
     "  AND state = 'deleting'",
     "DELETE FROM blobs WHERE id IN (SELECT value->>'id' FROM json_each($1)) AND state = 'deleting'"}};

const db::Command<db::Bytes, db::Bytes, Time> review_unused{
    "blob.review_unused",
    "UPDATE blobs SET review_at = $3 WHERE sha256 >= $1 AND sha256 < $2 AND state <> 'deleting' "
    "  AND review_at IS NULL AND NOT EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = blobs.id)"};

// The same questions as above, without their answers' consequences.
const db::Query<CollectionPlan, Time> plan{
    "blob.plan",
    "SELECT count(*) AS to_review, "
    "  coalesce(sum(CASE WHEN state = 'live' AND is_free = 1 THEN 1 ELSE 0 END), 0) AS to_condemn, "
    "  coalesce(sum(CASE WHEN is_going = 1 THEN 1 ELSE 0 END), 0) AS to_delete, "
    "  CAST(coalesce(sum(CASE WHEN is_going = 1 THEN size_bytes ELSE 0 END), 0) AS bigint) AS "
    "to_delete_bytes "
    "FROM (SELECT state, size_bytes, is_free, "
    "        CASE WHEN state = 'deleting' OR (state IN ('condemned', 'quarantined') AND is_free = 1) THEN 1 "
    "             ELSE 0 END AS is_going "
    "      FROM (SELECT b.state, b.size_bytes, "
    "              CASE WHEN EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = b.id) "
    "                     OR EXISTS (SELECT 1 FROM blob_leases AS l WHERE l.blob_id = b.id AND l.until_at > "
    "$1) "
    "                   THEN 0 ELSE 1 END AS is_free "
    "            FROM blobs AS b WHERE b.review_at <= $1) AS looked) AS judged"};

}  // namespace

Review review_blobs(Tx& tx, std::chrono::microseconds grace) {
    const Time now = tx.now();
    const auto due = tx.all(list_due, now, limits::collected_rows);
    Review review;
    review.reviewed = static_cast<std::int64_t>(due.size());
    if (due.empty()) return review;
    const std::string ids = render_ids(due);
    review.kept = tx.run(keep_needed, ids, now) + tx.run(keep_quarantined, ids, now);
    tx.run(doom, ids, now, now + removal_patience);
    tx.run(take_doomed, ids, now + removal_patience);
    review.condemned = tx.run(condemn, ids, now, now + grace);
    review.doomed = tx.all(list_doomed, ids);
    return review;
}

std::int64_t forget_blobs(Tx& tx, std::span<const Blob> blobs) {
    if (blobs.empty()) return 0;
    const std::string ids = render_ids(blobs);
    tx.run(delete_digests, ids);
    tx.run(delete_leases, ids);
    return tx.run(delete_blobs, ids);
}

std::int64_t review_slice(Tx& tx, std::uint8_t slice) {
    const db::Bytes begin{std::byte{slice}};
    db::Bytes end{std::byte(slice + 1)};
    if (slice == 0xFF) end.assign(33, std::byte{0xFF});  // behind every digest
    return tx.run(review_unused, begin, end, tx.now());
}

CollectionPlan plan_collection(Tx& tx) {
    return tx.one(plan, tx.now());
}

}  // namespace lodestone::blobs
