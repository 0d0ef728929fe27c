// Upload sessions in the database. Every change asks for the holder, so that a request which was thought to
// be gone, and comes back, changes nothing.
#include "blobs/upload.hpp"

#include <fmt/format.h>

#include "base/blob_limits.hpp"
#include "base/problem.hpp"
#include "db/noun.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

const db::Command<TenantId, UploadId, std::string, BlobId, db::Bytes, Time, std::string, Time> insert{
    "upload.insert",
    "INSERT INTO uploads (tenant_id, id, scope, blob_id, size_bytes, digest_state, store_state, created_at, "
    "                     created_by, touched_at, expires_at) "
    "VALUES ($1, $2, $3, $4, 0, $5, '', $6, $7, $6, $8)"};

const db::Query<Upload, TenantId, UploadId, std::string_view> find{
    "upload.find",
    "SELECT id, scope, holder, held_until, blob_id, size_bytes, digest_state, store_state, created_at, "
    "       created_by, touched_at, expires_at, ending_sha256 "
    "FROM uploads WHERE tenant_id = $1 AND id = $2 AND scope = $3"};

const db::Command<TenantId, UploadId, std::string, Time, Time, Time> hold{
    "upload.hold",
    "UPDATE uploads SET holder = $3, held_until = $5, touched_at = $4, expires_at = $6 "
    "WHERE tenant_id = $1 AND id = $2 AND (holder IS NULL OR held_until <= $4)"};

const db::Command<TenantId, UploadId, std::string, std::int64_t, db::Bytes, std::string, Time, Time, Time>
    note{"upload.note",
         "UPDATE uploads SET size_bytes = $4, digest_state = $5, store_state = $6, touched_at = $7, "
         "                   held_until = $8, expires_at = $9 "
         "WHERE tenant_id = $1 AND id = $2 AND holder = $3"};

// $7: what was begun then, or before, is too old.
const db::Command<TenantId, UploadId, std::string, Time, Time, Time, Time> extend{
    "upload.extend",
    "UPDATE uploads SET held_until = $5, touched_at = $4, expires_at = $6 "
    "WHERE tenant_id = $1 AND id = $2 AND holder = $3 AND created_at > $7"};

const db::Command<TenantId, UploadId, std::string> release{
    "upload.release",
    "UPDATE uploads SET holder = NULL, held_until = NULL WHERE tenant_id = $1 AND id = $2 AND holder = $3"};

const db::Command<TenantId, UploadId, std::string, Sha256, Time> claim{
    "upload.claim",
    "UPDATE uploads SET ending_sha256 = $4, held_until = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND holder = $3 AND (ending_sha256 IS NULL OR ending_sha256 = $4)"};

const db::Command<TenantId, UploadId, std::string, std::optional<Sha256>> delete_held{
    "upload.delete",
    "DELETE FROM uploads WHERE tenant_id = $1 AND id = $2 AND (holder = $3 OR ending_sha256 = $4)"};

const db::Command<TenantId, UploadId, std::string_view, Time> delete_fresh{
    "upload.delete_fresh",
    "DELETE FROM uploads WHERE tenant_id = $1 AND id = $2 AND scope = $3 AND size_bytes = 0 "
    "  AND (holder IS NULL OR held_until <= $4)"};

const db::Query<ExpiredUpload, Time, std::int64_t> list_expired{
    "upload.list_expired",
    "SELECT tenant_id, id, store_state FROM uploads "
    "WHERE expires_at <= $1 AND (holder IS NULL OR held_until <= $1) ORDER BY expires_at LIMIT $2"};

const db::Command<TenantId, UploadId, Time> delete_expired{
    "upload.delete_expired",
    "DELETE FROM uploads WHERE tenant_id = $1 AND id = $2 AND expires_at <= $3 "
    "  AND (holder IS NULL OR held_until <= $3)"};

// When the parts of what nobody can go on with are aborted as leftovers, its row has gone, too.
static_assert(limits::upload_lifetime_most + limits::upload_lifetime <= limits::s3_leftover_age);

db::Bytes to_bytes(std::string_view text) {
    const auto* begin = reinterpret_cast<const std::byte*>(text.data());
    return {begin, begin + text.size()};
}

[[noreturn]] void refuse_held() {
    throw Problem(
        problems::conflict,
        "Another request is at work on this upload; wait for it to end, and go on where it stopped.");
}

}  // namespace

DraftProgress Upload::progress() const {
    return {.id = blob_id,
            .size_bytes = static_cast<std::uint64_t>(size_bytes),
            .digest_state = {reinterpret_cast<const char*>(digest_state.data()), digest_state.size()},
            .store_state = store_state};
}

Upload insert_upload(Tx& tx, const TenantId& tenant, Upload upload) {
    if (upload.scope.empty() || upload.scope.size() > limits::blob_scope_bytes)
        throw Problem(problems::invalid_input, "The name of the package is too long to be uploaded to.");
    upload.created_at = upload.touched_at = tx.now();
    upload.created_by = tx.unit().actor;
    upload.expires_at = tx.now() + limits::upload_lifetime;
    if (upload.digest_state.empty()) upload.digest_state = to_bytes(RunningDigests().save());
    tx.run(insert, tenant, upload.id, upload.scope, upload.blob_id, upload.digest_state, upload.created_at,
           upload.created_by, upload.expires_at);
    return upload;
}

std::optional<Upload> find_upload(Tx& tx, const TenantId& tenant, std::string_view scope,
                                  const UploadId& id) {
    auto found = tx.maybe(find, tenant, id, scope);
    if (found && found->created_at <= tx.now() - limits::upload_lifetime_most) found.reset();
    return found;
}

Upload hold_upload(Tx& tx, const TenantId& tenant, std::string_view scope, const UploadId& id,
                   const std::string& holder) {
    auto found = find_upload(tx, tenant, scope, id);
    if (!found) db::refuse_absent("upload", id.text());
    const Time until = tx.now() + limits::upload_hold;
    const Time expiry = tx.now() + limits::upload_lifetime;
    if (tx.run(hold, tenant, id, holder, tx.now(), until, expiry) == 0) refuse_held();
    found->holder = holder;
    found->held_until = until;
    found->touched_at = tx.now();
    found->expires_at = expiry;
    return *std::move(found);
}

bool note_progress(Tx& tx, const TenantId& tenant, const UploadId& id, const std::string& holder,
                   const DraftProgress& progress) {
    return tx.run(note, tenant, id, holder, static_cast<std::int64_t>(progress.size_bytes),
                  to_bytes(progress.digest_state), progress.store_state, tx.now(),
                  tx.now() + limits::upload_hold, tx.now() + limits::upload_lifetime) != 0;
}

bool extend_hold(Tx& tx, const TenantId& tenant, const UploadId& id, const std::string& holder) {
    return tx.run(extend, tenant, id, holder, tx.now(), tx.now() + limits::upload_hold,
                  tx.now() + limits::upload_lifetime, tx.now() - limits::upload_lifetime_most) != 0;
}

void release_hold(Tx& tx, const TenantId& tenant, const UploadId& id, const std::string& holder) {
    tx.run(release, tenant, id, holder);
}

bool claim_end(Tx& tx, const TenantId& tenant, const UploadId& id, const UploadHolder& holder) {
    return tx.run(claim, tenant, id, holder.holder, holder.sha256.value(), tx.now() + limits::upload_hold) !=
           0;
}

bool delete_upload(Tx& tx, const TenantId& tenant, const UploadId& id, const UploadHolder& holder) {
    return tx.run(delete_held, tenant, id, holder.holder, holder.sha256) != 0;
}

void delete_fresh_upload(Tx& tx, const TenantId& tenant, std::string_view scope, const UploadId& id) {
    if (tx.run(delete_fresh, tenant, id, scope, tx.now()) != 0) return;
    const auto found = find_upload(tx, tenant, scope, id);
    if (!found) db::refuse_absent("upload", id.text());
    check_offset(*found, 0);
    refuse_held();
}

void check_offset(const Upload& upload, std::optional<std::uint64_t> offset) {
    if (offset && *offset != static_cast<std::uint64_t>(upload.size_bytes))
        throw Problem(problems::range_not_satisfiable,
                      fmt::format("The upload has {} bytes so far; go on from there.", upload.size_bytes));
}

std::vector<ExpiredUpload> list_expired_uploads(Tx& tx, Time now) {
    return tx.all(list_expired, now, limits::collected_rows);
}

std::int64_t delete_expired_upload(Tx& tx, const ExpiredUpload& upload, Time now) {
    return tx.run(delete_expired, upload.tenant_id, upload.id, now);
}

}  // namespace lodestone::blobs
