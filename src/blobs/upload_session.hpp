// Upload sessions as requests see them: begin, send some, send the rest and finish, or give up. Any request
// may reach any node; what was answered survives a crash, what was not is sent again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "blobs/blobs.hpp"
#include "blobs/upload.hpp"

namespace lodestone::blobs {

// Where the blob will be leased, and nowhere else may the upload be gone on with.
struct UploadPlace {
    TenantId tenant;
    std::string scope;
};

Task<Upload> begin_upload(Blobs& blobs, db::Unit unit, UploadPlace place, std::vector<DigestKind> also = {});

// The next bytes. Throws Problem(not_found, conflict: another request is at it, range_not_satisfiable: they
// do not begin where the upload ends, body_too_large), and what the source throws; the upload is then as it
// was.
struct UploadPart {
    http::BodySource* bytes = nullptr;    // none: nothing more
    std::optional<std::uint64_t> offset;  // where the client thinks that they begin
    std::uint64_t limit_bytes = 0;        // of the whole upload
};
Task<Upload> append_upload(Blobs& blobs, db::Unit unit, UploadPlace place, UploadId id, UploadPart part);

// The drafts of those that end are removed while nobody waits for it: an upload that the database calls done
// is done, whatever the store does with what is left.
//
// `check` sees what came and throws if it is not what was promised; `note` is Blobs::Note. The upload is gone
// when this returns.
struct UploadEnd {
    std::function<Task<>()> admit;  // asked once everything has come, where it may have taken long
    std::function<void(const Digests& digests, std::uint64_t size_bytes)> check;
    Blobs::Note note;
};
Task<BlobId> finish_upload(Blobs& blobs, db::Unit unit, UploadPlace place, UploadId id, UploadPart last,
                           UploadEnd end);

// All of an upload that nothing has come of, as it was found, from bytes in memory, of which the caller has
// compared the digests: nobody holds it while they come. Of two who finish it at once, one wins; the other,
// and whoever comes while somebody holds it, is told so by a Problem as append_upload() throws it.
struct WholeUpload {
    std::string bytes;
    Digests digests;
};
Task<BlobId> finish_at_once(Blobs& blobs, db::Unit unit, UploadPlace place, Upload found, WholeUpload whole,
                            Blobs::Note note);

Task<> cancel_upload(Blobs& blobs, db::Unit unit, UploadPlace place, UploadId id);

}  // namespace lodestone::blobs
