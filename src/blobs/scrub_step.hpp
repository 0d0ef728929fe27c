// Scrubbing and sweeping, as far as they are SQL.
#pragma once

#include <boost/describe/class.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/blob_limits.hpp"
#include "blobs/blob.hpp"
#include "db/tx.hpp"

namespace lodestone::blobs {

// What has not been hashed since `due`, that first for which it is longest ago.
std::vector<Blob> list_unchecked(db::Tx& tx, Time due, std::int64_t limit = limits::scrubbed_rows);
// What is quarantined, and was not looked at since.
std::vector<Blob> list_quarantined_unchecked(db::Tx& tx, Time due,
                                             std::int64_t limit = limits::scrubbed_rows);
// Of what anybody can read, came before then, and has the copy that it came with: what came last, and what
// came first, so many of each.
std::vector<Blob> list_witnesses(db::Tx& tx, std::int64_t limit, Time before);
// Their bytes are what they should be. What has another copy by now, or was doubted meanwhile, stays as it
// is.
void note_checked(db::Tx& tx, std::span<const Blob> blobs);
// The same for bytes that could not be read just now: they are due again at `due` plus the time for which a
// check is good.
void note_unreadable(db::Tx& tx, std::span<const Blob> blobs, Time due);

// Somebody did not find the bytes that have this name in the store: they are due at once.
void doubt_copy(db::Tx& tx, BlobId copy);

// Of these ids of stored bytes, those that nothing in the database names: neither a row about a blob,
// whatever its state, nor an upload that will be published under it. A row that was healed also names what it
// had first, until the new copy was hashed.
std::vector<BlobId> list_unnamed(db::Tx& tx, std::span<const BlobId> ids);
// Of these names of drafts, those that no upload has.
std::vector<std::string> list_unknown_drafts(db::Tx& tx, std::span<const std::string> drafts);
// When this database was begun. What was stored before is not its own, and none of its business.
Time find_beginning(db::Tx& tx);

}  // namespace lodestone::blobs
