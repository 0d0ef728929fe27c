// Quarantine: blobs whose bytes are gone, or are not what they were. Their rows stay, with all who need them;
// nobody is given the bytes. Whoever sends the same bytes again heals the row: it gets the new copy, and so
// do all who need it, by one change of one row. What it had first is swept when the new copy was hashed.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "blobs/blob.hpp"
#include "db/tx.hpp"

namespace lodestone {
class Counter;
class Log;
class Metrics;
}  // namespace lodestone

namespace lodestone::blobs {

// All three ask whether the row still has the copy that was looked at. False: it is gone, on its way out, or
// has another one by now.
bool quarantine_blob(db::Tx& tx, const Blob& seen, const std::string& fault);
// Somebody was about to be given the copy of that name, and the store has another number of bytes than its
// row says: the blob that has it, quarantined. Nothing: no readable one has, or that is its size.
std::optional<Blob> quarantine_copy(db::Tx& tx, const BlobKey& copy, std::uint64_t stored_bytes);
// The bytes are what they were after all, or again: somebody has mended the disk, or put a backup back.
bool release_blob(db::Tx& tx, const Blob& seen);
// They still are not.
bool keep_quarantined(db::Tx& tx, const Blob& seen, const std::string& fault);

// After the content's bytes were stored under (sha256, copy): the quarantined row that has them now, live and
// promised for limits::blob_lease. Nothing: none is quarantined.
std::optional<BlobId> heal_blob(db::Tx& tx, const Sha256& sha256, BlobId copy);

// What is wrong with bytes that the store does not have, and with those that are more or fewer than their row
// says.
inline constexpr std::string_view missing_bytes = "they are not there";
std::string describe_wrong_size(std::uint64_t stored_bytes, std::int64_t expected_bytes);
// For the log, once a blob was quarantined; and how many that were, whoever found it.
void tell_quarantined(Log& log, const Blob& blob, std::string_view fault);
Counter& count_quarantined(Metrics& metrics);

// By digest, whoever needs it.
std::optional<Blob> find_quarantined_blob(db::Tx& tx, DigestKind kind, std::string_view digest);
// By id, behind `after`.
std::vector<Blob> list_quarantined(db::Tx& tx, BlobId after, std::int64_t limit);
// What a client is told who asks for it. `what` names the thing: "The file a.zip".
[[noreturn]] void refuse_quarantined(std::string_view what);

// What is not simply live; quick however much there is.
struct BlobCounts {
    std::int64_t condemned = 0;
    std::int64_t condemned_bytes = 0;
    std::int64_t deleting = 0;
    std::int64_t deleting_bytes = 0;
    std::int64_t quarantined = 0;
    std::int64_t quarantined_bytes = 0;

    std::int64_t reclaimable_bytes() const { return condemned_bytes + deleting_bytes; }
};
BOOST_DESCRIBE_STRUCT(BlobCounts, (),
                      (condemned, condemned_bytes, deleting, deleting_bytes, quarantined, quarantined_bytes))
BlobCounts count_blobs(db::Tx& tx);

// Everything that there is to say in numbers: reads all rows about blobs.
struct StorageStatus {
    std::int64_t blobs = 0;
    std::int64_t bytes = 0;
    std::int64_t live = 0;
    std::int64_t live_bytes = 0;
    std::int64_t condemned = 0;
    std::int64_t condemned_bytes = 0;
    std::int64_t deleting = 0;
    std::int64_t deleting_bytes = 0;
    std::int64_t quarantined = 0;
    std::int64_t quarantined_bytes = 0;
    std::int64_t reclaimable_bytes = 0;
    std::int64_t uploads = 0;    // that are not finished
    std::int64_t promises = 0;   // of bytes that nothing names yet
    std::int64_t unchecked = 0;  // whose check is due
    std::optional<Time> oldest_check;
};
BOOST_DESCRIBE_STRUCT(StorageStatus, (),
                      (blobs, bytes, live, live_bytes, condemned, condemned_bytes, deleting, deleting_bytes,
                       quarantined, quarantined_bytes, reclaimable_bytes, uploads, promises, unchecked,
                       oldest_check))
// `due`: checks before it count as none.
StorageStatus describe_storage(db::Tx& tx, Time due);

}  // namespace lodestone::blobs
