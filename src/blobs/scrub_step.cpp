// Lists go in as JSON, as everywhere that many rows are meant.
#include "blobs/scrub_step.hpp"

#include <algorithm>

#include "base/blob_limits.hpp"
#include "base/number_time.hpp"
#include "db/bulk.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

const db::Query<Blob, Time, std::int64_t> list_due{
    "blob.list_unchecked",
    "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, fault, "
    "       copy_id "
    "FROM blobs WHERE withdrawn_at IS NULL AND coalesce(checked_at, created_at) < $1 "
    "ORDER BY coalesce(checked_at, created_at), id LIMIT $2"};

const db::Query<Blob, Time, std::int64_t> list_quarantined_due{
    "blob.list_quarantined_unchecked",
    "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, fault, "
    "       copy_id "
    "FROM blobs WHERE state = 'quarantined' AND coalesce(checked_at, created_at) < $1 "
    "ORDER BY coalesce(checked_at, created_at), id LIMIT $2"};

// $1: what was looked at, as it was then; $2: when that was.
const db::Command<std::string, Time> note_all{
    "blob.note_checked",
    {"UPDATE blobs SET checked_at = $2 "
     "WHERE id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) AND state <> 'deleting' "
     "  AND EXISTS (SELECT 1 FROM json_to_recordset($1::json) "
     "                            AS seen(id bigint, copy_id bigint, checked_at bigint) "
     "              WHERE seen.id = blobs.id AND seen.copy_id = coalesce(blobs.copy_id, blobs.id) "
     "                AND seen.checked_at = coalesce(blobs.checked_at, -1))",
     "UPDATE blobs SET checked_at = $2 "
     "WHERE id IN (SELECT value->>'id' FROM json_each($1)) AND state <> 'deleting' "
     "  AND EXISTS (SELECT 1 FROM json_each($1) AS seen "
     "              WHERE seen.value->>'id' = blobs.id "
     "                AND seen.value->>'copy_id' = coalesce(blobs.copy_id, blobs.id) "
     "                AND seen.value->>'checked_at' = coalesce(blobs.checked_at, -1))"}};

// The same where they could not be read. Of a copy that was not hashed yet the other time moves along: by the
// two list_named knows it.
const db::Command<std::string, Time> put_off_all{
    "blob.note_unreadable",
    {"UPDATE blobs SET checked_at = $2, "
     "  state_at = CASE WHEN copy_id IS NOT NULL AND checked_at <= state_at AND state_at < $2 "
     "                   AND state <> 'quarantined' THEN $2 ELSE state_at END "
     "WHERE id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) AND state <> 'deleting' "
     "  AND EXISTS (SELECT 1 FROM json_to_recordset($1::json) "
     "                            AS seen(id bigint, copy_id bigint, checked_at bigint) "
     "              WHERE seen.id = blobs.id AND seen.copy_id = coalesce(blobs.copy_id, blobs.id) "
     "                AND seen.checked_at = coalesce(blobs.checked_at, -1))",
     "UPDATE blobs SET checked_at = $2, "
     "  state_at = CASE WHEN copy_id IS NOT NULL AND checked_at <= state_at AND state_at < $2 "
     "                   AND state <> 'quarantined' THEN $2 ELSE state_at END "
     "WHERE id IN (SELECT value->>'id' FROM json_each($1)) AND state <> 'deleting' "
     "  AND EXISTS (SELECT 1 FROM json_each($1) AS seen "
     "              WHERE seen.value->>'id' = blobs.id "
     "                AND seen.value->>'copy_id' = coalesce(blobs.copy_id, blobs.id) "
     "                AND seen.value->>'checked_at' = coalesce(blobs.checked_at, -1))"}};

const db::Command<BlobId, Time> doubt{
    "blob.doubt",
    "UPDATE blobs SET checked_at = $2 "
    "WHERE ((id = $1 AND copy_id IS NULL) OR copy_id = $1) AND withdrawn_at IS NULL "
    "  AND (checked_at IS NULL OR checked_at > $2)"};

// What a row had before it was healed is named until its new copy was hashed: the heal sets both times alike.
const db::Query<BlobId, std::string> list_named{
    "blob.list_named",
    {"SELECT id FROM blobs WHERE (copy_id IS NULL OR checked_at <= state_at OR state = 'quarantined') "
     "  AND id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) "
     "UNION ALL SELECT coalesce(copy_id, 0) FROM blobs "
     "WHERE copy_id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint)) "
     "UNION ALL SELECT blob_id FROM uploads "
     "WHERE blob_id IN (SELECT id FROM json_to_recordset($1::json) AS r(id bigint))",
     "SELECT id FROM blobs WHERE (copy_id IS NULL OR checked_at <= state_at OR state = 'quarantined') "
     "  AND id IN (SELECT value->>'id' FROM json_each($1)) "
     "UNION ALL SELECT coalesce(copy_id, 0) FROM blobs "
     "WHERE copy_id IN (SELECT value->>'id' FROM json_each($1)) "
     "UNION ALL SELECT blob_id FROM uploads WHERE blob_id IN (SELECT value->>'id' FROM json_each($1))"}};

const db::Query<std::string, std::string> list_known{
    "upload.list_known",
    {"SELECT id FROM uploads WHERE id IN (SELECT id FROM json_to_recordset($1::json) AS r(id text))",
     "SELECT id FROM uploads WHERE id IN (SELECT value->>'id' FROM json_each($1))"}};

// $3: the least number that was made then. Without it all that came since would be passed over, one by one.
const db::Query<Blob, std::int64_t, Time, BlobId> list_newest{
    "blob.list_newest",
    "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, fault, "
    "       copy_id "
    "FROM blobs WHERE withdrawn_at IS NULL AND copy_id IS NULL AND created_at < $2 AND id < $3 "
    "ORDER BY id DESC LIMIT $1"};

const db::Query<Blob, std::int64_t, Time, BlobId> list_oldest{
    "blob.list_oldest",
    "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, fault, "
    "       copy_id "
    "FROM blobs WHERE withdrawn_at IS NULL AND copy_id IS NULL AND created_at < $2 AND id < $3 "
    "ORDER BY id LIMIT $1"};

const db::Query<Time> beginning{"blob.find_beginning",
                                "SELECT coalesce(min(started_at), 0) FROM schema_history"};

struct IdRow {
    BlobId id;
};
BOOST_DESCRIBE_STRUCT(IdRow, (), (id))

struct SeenRow {
    BlobId id;
    BlobId copy_id;
    std::int64_t checked_at = 0;
};
BOOST_DESCRIBE_STRUCT(SeenRow, (), (id, copy_id, checked_at))

struct NameRow {
    std::string id;
};
BOOST_DESCRIBE_STRUCT(NameRow, (), (id))

template <class Row>
std::string render_rows(const std::vector<Row>& rows) {
    std::span<const Row> rest(rows);
    return db::take_json_rows(rest);
}

std::string render_seen(std::span<const Blob> blobs) {
    std::vector<SeenRow> rows;
    for (const Blob& blob : blobs)
        rows.push_back({.id = blob.id,
                        .copy_id = blob.key().id,
                        .checked_at = blob.checked_at ? blob.checked_at->time_since_epoch().count() : -1});
    return render_rows(rows);
}

}  // namespace

std::vector<Blob> list_unchecked(Tx& tx, Time due, std::int64_t limit) {
    return tx.all(list_due, due, limit);
}

std::vector<Blob> list_quarantined_unchecked(Tx& tx, Time due, std::int64_t limit) {
    return tx.all(list_quarantined_due, due, limit);
}

std::vector<Blob> list_witnesses(Tx& tx, std::int64_t limit, Time before) {
    const BlobId end = BlobId::trusted(first_number_at(before));
    std::vector<Blob> found = tx.all(list_newest, limit, before, end);
    for (Blob& blob : tx.all(list_oldest, limit, before, end)) found.push_back(std::move(blob));
    return found;
}

void note_checked(Tx& tx, std::span<const Blob> blobs) {
    if (!blobs.empty()) tx.run(note_all, render_seen(blobs), tx.now());
}

void note_unreadable(Tx& tx, std::span<const Blob> blobs, Time due) {
    if (!blobs.empty()) tx.run(put_off_all, render_seen(blobs), due);
}

void doubt_copy(Tx& tx, BlobId copy) {
    tx.run(doubt, copy, Time{});
}

std::vector<BlobId> list_unnamed(Tx& tx, std::span<const BlobId> ids) {
    std::vector<BlobId> unnamed;
    std::vector<IdRow> rows;
    for (const BlobId& id : ids) rows.push_back({id});
    for (std::span<const IdRow> rest(rows); !rest.empty();) {
        const auto asked = rest;
        std::vector<BlobId> named = tx.all(list_named, db::take_json_rows(rest));
        std::ranges::sort(named);
        for (const IdRow& row : asked.first(asked.size() - rest.size()))
            if (!std::ranges::binary_search(named, row.id)) unnamed.push_back(row.id);
    }
    return unnamed;
}

std::vector<std::string> list_unknown_drafts(Tx& tx, std::span<const std::string> drafts) {
    std::vector<std::string> unknown;
    std::vector<NameRow> rows;
    for (const std::string& draft : drafts) rows.push_back({draft});
    for (std::span<const NameRow> rest(rows); !rest.empty();) {
        const auto asked = rest;
        std::vector<std::string> known = tx.all(list_known, db::take_json_rows(rest));
        std::ranges::sort(known);
        for (const NameRow& row : asked.first(asked.size() - rest.size()))
            if (!std::ranges::binary_search(known, row.id)) unknown.push_back(row.id);
    }
    return unknown;
}

Time find_beginning(Tx& tx) {
    return tx.one(beginning);
}

}  // namespace lodestone::blobs
