// Blobs in the database. What must not pass each other, somebody who needs a blob and the collector, changes
// the blob's row: of two units that do, PostgreSQL repeats the second, which then sees what the first did.
#include "blobs/blob.hpp"

#include "base/blob_limits.hpp"
#include "base/problem.hpp"
#include "blobs/quarantine.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

const db::Query<Blob, BlobId> find_by_id{
    "blob.find",
    "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, fault, "
    "       copy_id "
    "FROM blobs WHERE id = $1"};

const db::Query<Blob, Sha256> find_by_content{
    "blob.find_by_content",
    "SELECT id, sha256, size_bytes, state, state_at, withdrawn_at, review_at, created_at, checked_at, fault, "
    "       copy_id "
    "FROM blobs WHERE sha256 = $1 AND withdrawn_at IS NULL"};

// Of SHA-1 and MD5 there can be two: whoever asks by them gets the first.
const db::Query<Blob, DigestKind, db::Bytes> find_by_digest{
    "blob.find_by_digest",
    "SELECT b.id, b.sha256, b.size_bytes, b.state, b.state_at, b.withdrawn_at, b.review_at, b.created_at, "
    "       b.checked_at, b.fault, b.copy_id "
    "FROM blob_digests AS d JOIN blobs AS b ON b.id = d.blob_id "
    "WHERE d.algorithm = $1 AND d.digest = $2 AND b.withdrawn_at IS NULL ORDER BY d.blob_id LIMIT 1"};

struct StoredDigest {
    DigestKind algorithm{};
    db::Bytes digest;
};
BOOST_DESCRIBE_STRUCT(StoredDigest, (), (algorithm, digest))

const db::Query<StoredDigest, BlobId> list_by_blob{
    "blob.list_digests", "SELECT algorithm, digest FROM blob_digests WHERE blob_id = $1 ORDER BY algorithm"};

const db::Command<BlobId, Sha256, std::int64_t, Time, Time> insert{
    "blob.insert",
    "INSERT INTO blobs (id, sha256, size_bytes, state, state_at, review_at, created_at) "
    "VALUES ($1, $2, $3, 'live', $4, $5, $4) ON CONFLICT DO NOTHING"};

const db::Command<DigestKind, db::Bytes, BlobId> insert_digest{
    "blob.insert_digest",
    "INSERT INTO blob_digests (algorithm, digest, blob_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};

const db::Command<BlobId, Time, Time> keep{
    "blob.keep",
    "UPDATE blobs SET state = 'live', state_at = CASE WHEN state = 'live' THEN state_at ELSE $2 END, "
    "                 review_at = $3 "
    "WHERE id = $1 AND withdrawn_at IS NULL"};

db::Bytes to_bytes(std::string_view text) {
    const auto* begin = reinterpret_cast<const std::byte*>(text.data());
    return {begin, begin + text.size()};
}

// A transaction lasts seconds. While the collector will not look at the blob for much longer than that, its
// row need not be changed, and many can ask for the same one at once.
bool is_out_of_reach(const Blob& blob, Time now) {
    return blob.state == BlobState::live && blob.review_at && *blob.review_at >= now + limits::blob_lease / 2;
}

bool keep_found(Tx& tx, const Blob& blob) {
    if (is_out_of_reach(blob, tx.now())) return true;
    return tx.run(keep, blob.id, tx.now(), tx.now() + limits::blob_lease) != 0;
}

void insert_digests(Tx& tx, const Digests& digests, BlobId id) {
    for (const OtherDigest& other : digests.others)
        tx.send(insert_digest, other.kind, to_bytes(other.bytes), id);
}

}  // namespace

std::optional<Blob> find_blob(Tx& tx, BlobId id) {
    return tx.maybe(find_by_id, id);
}

std::optional<Blob> find_readable_blob(Tx& tx, const Sha256& sha256) {
    return tx.maybe(find_by_content, sha256);
}

std::optional<Blob> find_readable_blob(Tx& tx, DigestKind kind, std::string_view digest) {
    if (digest.size() != digest_bytes(kind)) return std::nullopt;
    if (kind != DigestKind::sha256) return tx.maybe(find_by_digest, kind, to_bytes(digest));
    Sha256 sha256{};
    std::ranges::copy(digest, sha256.begin());
    return find_readable_blob(tx, sha256);
}

std::vector<OtherDigest> list_digests(Tx& tx, BlobId id) {
    std::vector<OtherDigest> found;
    for (const StoredDigest& one : tx.all(list_by_blob, id))
        found.push_back({.kind = one.algorithm,
                         .bytes = {reinterpret_cast<const char*>(one.digest.data()), one.digest.size()}});
    return found;
}

std::optional<Blob> revive_blob(Tx& tx, const Sha256& sha256) {
    auto found = find_readable_blob(tx, sha256);
    if (!found || !keep_found(tx, *found)) return std::nullopt;
    found->state = BlobState::live;
    return found;
}

SettledBlob settle_blob(Tx& tx, const Digests& digests, std::uint64_t size_bytes, BlobId new_id) {
    if (const auto found = revive_blob(tx, digests.sha256)) {
        insert_digests(tx, digests, found->id);
        return {.id = found->id, .is_new = found->key().id == new_id};
    }
    if (const auto healed = heal_blob(tx, digests.sha256, new_id)) {
        insert_digests(tx, digests, *healed);
        return {.id = *healed, .is_new = true, .is_healed = true};
    }
    if (tx.run(insert, new_id, digests.sha256, static_cast<std::int64_t>(size_bytes), tx.now(),
               tx.now() + limits::blob_lease) == 0)
        throw Problem(problems::unavailable, "The file could not be entered just now; send it again.");
    insert_digests(tx, digests, new_id);
    return {.id = new_id, .is_new = true, .is_healed = false};
}

bool keep_blob(Tx& tx, BlobId id) {
    const auto found = find_blob(tx, id);
    return found && found->is_readable() && keep_found(tx, *found);
}

}  // namespace lodestone::blobs
