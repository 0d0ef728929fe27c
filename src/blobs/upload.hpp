// Upload sessions: bytes that come in several requests. How far each has come stands in the database, so
// that it survives a crash and any node can go on with it; one request at a time holds it.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/tenant_id.hpp"
#include "blobs/blob.hpp"
#include "blobs/store/store.hpp"
#include "db/tx.hpp"

namespace lodestone::blobs {

struct Upload;
using UploadId = Id<Upload>;

struct Upload {
    UploadId id;
    std::string scope;                  // where the blob will be leased, as lease_blob() takes it
    std::optional<std::string> holder;  // the request that is at work on it
    std::optional<Time> held_until;
    BlobId blob_id;  // under which its bytes will be published
    std::int64_t size_bytes = 0;
    db::Bytes digest_state;
    std::string store_state;
    Time created_at{};
    std::string created_by;
    Time touched_at{};
    Time expires_at{};                    // unless somebody goes on with it
    std::optional<Sha256> ending_sha256;  // what it will be, once somebody was about to finish it

    bool operator==(const Upload&) const = default;
    DraftProgress progress() const;
};
BOOST_DESCRIBE_STRUCT(Upload, (),
                      (id, scope, holder, held_until, blob_id, size_bytes, digest_state, store_state,
                       created_at, created_by, touched_at, expires_at, ending_sha256))

// A new one, with nothing in it, held by nobody; who, when and until when are filled in.
Upload insert_upload(db::Tx& tx, const TenantId& tenant, Upload upload);
// Nothing for one of another scope: an upload belongs to the place that it was begun for. Nothing, either,
// for one that has lasted limits::upload_lifetime_most: nobody goes on with it, and it is ended when it
// expires.
std::optional<Upload> find_upload(db::Tx& tx, const TenantId& tenant, std::string_view scope,
                                  const UploadId& id);

// For limits::upload_hold from now on. Throws Problem(not_found) when there is none, and Problem(conflict)
// while another request holds it.
Upload hold_upload(db::Tx& tx, const TenantId& tenant, std::string_view scope, const UploadId& id,
                   const std::string& holder);
// How far it has come, after Draft::keep(). False when somebody else holds it by now, or it is gone: what was
// written is not noted.
bool note_progress(db::Tx& tx, const TenantId& tenant, const UploadId& id, const std::string& holder,
                   const DraftProgress& progress);
// Another limits::upload_hold; false as above, and when the upload has lasted too long.
bool extend_hold(db::Tx& tx, const TenantId& tenant, const UploadId& id, const std::string& holder);
void release_hold(db::Tx& tx, const TenantId& tenant, const UploadId& id, const std::string& holder);
// A request, and what it has claimed to finish the upload as.
struct UploadHolder {
    std::string holder;
    std::optional<Sha256> sha256;
};
// From now on the upload ends with that content or with none, whoever finishes it, and nothing more is taken
// for it. False where somebody has claimed another one, and as above.
bool claim_end(db::Tx& tx, const TenantId& tenant, const UploadId& id, const UploadHolder& holder);
// Finished, or given up: the caller discards its draft after the commit. Whoever has claimed its end need not
// hold it any more. False as above.
bool delete_upload(db::Tx& tx, const TenantId& tenant, const UploadId& id, const UploadHolder& holder);
// One that nothing has come of and that nobody holds, finished by whoever has its bytes whole. Throws
// Problem(not_found, conflict) as hold_upload() does, and Problem(range_not_satisfiable) where something has
// come.
void delete_fresh_upload(db::Tx& tx, const TenantId& tenant, std::string_view scope, const UploadId& id);
// Throws Problem(range_not_satisfiable) where the upload ends elsewhere.
void check_offset(const Upload& upload, std::optional<std::uint64_t> offset);

// Of all tenants: what nobody has gone on with in time, and nobody holds.
struct ExpiredUpload {
    TenantId tenant_id;
    UploadId id;
    std::string store_state;
};
BOOST_DESCRIBE_STRUCT(ExpiredUpload, (), (tenant_id, id, store_state))
std::vector<ExpiredUpload> list_expired_uploads(db::Tx& tx, Time now);
// After its draft was discarded. Only if it is still expired.
std::int64_t delete_expired_upload(db::Tx& tx, const ExpiredUpload& upload, Time now);

}  // namespace lodestone::blobs
