// Blobs: stored copies of bytes, and what is known of each. They belong to the installation, not to a tenant:
// who may have which, leases and uses say.
//
// A blob is `live` until it is found that nobody needs it; then `condemned` for a while, still readable, and
// live again when somebody comes; then `deleting`, its bytes on their way out, and gone. Bytes are durable
// before their row is written, and the row is written before anybody is told.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "blobs/store/blob_key.hpp"
#include "blobs/store/digests.hpp"
#include "db/tx.hpp"

namespace lodestone::blobs {

// quarantined: its bytes are no longer what they were; nobody gets them, whoever needs it.
enum class BlobState : std::uint8_t { live, condemned, deleting, quarantined };
BOOST_DESCRIBE_ENUM(BlobState, live, condemned, deleting, quarantined)

struct Blob {
    BlobId id;
    Sha256 sha256{};
    std::int64_t size_bytes = 0;
    BlobState state = BlobState::live;
    Time state_at{};                   // since when
    std::optional<Time> withdrawn_at;  // since when nobody gets it: deleting or quarantined
    std::optional<Time> review_at;     // when the collector looks at it next; nothing: it is in use
    Time created_at{};
    std::optional<Time> checked_at;    // when its bytes were hashed again
    std::optional<std::string> fault;  // what was wrong with them then
    std::optional<BlobId> copy_id;     // how the store calls the bytes, if they came again under a new number

    bool operator==(const Blob&) const = default;
    BlobKey key() const { return {.sha256 = sha256, .id = copy_id.value_or(id)}; }
    bool is_readable() const { return !withdrawn_at; }
};
BOOST_DESCRIBE_STRUCT(Blob, (),
                      (id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at,
                       checked_at, fault, copy_id))

std::optional<Blob> find_blob(db::Tx& tx, BlobId id);
// The readable copy of that content. That it is there says nothing about who may have it.
std::optional<Blob> find_readable_blob(db::Tx& tx, const Sha256& sha256);
// The same by another digest, of those that were asked for when it came in.
std::optional<Blob> find_readable_blob(db::Tx& tx, DigestKind kind, std::string_view digest);
// What the bytes are called besides their SHA-256.
std::vector<OtherDigest> list_digests(db::Tx& tx, BlobId id);

struct SettledBlob {
    BlobId id;
    bool is_new = false;  // false: there was a copy already, and the bytes under the new id are to be removed
    bool is_healed = false;  // what was quarantined has a copy again, for all who need it
};
// After bytes were published under (digests.sha256, new_id): the one row of that content. It is live, and
// promised for limits::blob_lease; lease or use it in the same transaction. A quarantined one gets these
// bytes.
SettledBlob settle_blob(db::Tx& tx, const Digests& digests, std::uint64_t size_bytes, BlobId new_id);
// The same before any bytes were sent: there is a copy, or there is not.
std::optional<Blob> revive_blob(db::Tx& tx, const Sha256& sha256);

// Whoever notes that a blob is needed calls this in the same transaction (lease_blob and use_blob do): the
// collector, which may look at it just now, takes it away before this transaction or not at all. False: it is
// on its way out, or gone, and has to be sent again.
bool keep_blob(db::Tx& tx, BlobId id);

}  // namespace lodestone::blobs
