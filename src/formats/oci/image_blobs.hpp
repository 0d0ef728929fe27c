// Blobs of an image, as several handlers need them: found, promised, stored, told of.
#pragma once

#include <optional>
#include <vector>

#include "base/context.hpp"
#include "blobs/blobs.hpp"
#include "blobs/upload_session.hpp"
#include "formats/oci/lookup.hpp"
#include "formats/oci/place.hpp"

namespace lodestone::formats::oci {

// Of what the image shows, or was promised.
Task<std::optional<ImageBlob>> look_for_blob(Context& context, const http::Request& request,
                                             const Place& place, const ContentDigest& digest);

// In the transaction that enters or mounts the blob, before anybody is told that it is there.
void promise_blob(db::Tx& tx, const Place& place, blobs::BlobId id);

// What has to be computed besides SHA-256 to compare with such a digest.
std::vector<DigestKind> kinds_for(const ContentDigest& digest);
// Throws Problem(DIGEST_INVALID) where what came is something else.
void check_digest(const blobs::Digests& came, const ContentDigest& promised);

// Whether the body says that it is so small that it is taken into memory; and its bytes, which are what was
// promised.
bool has_small_body(const http::Request& request);
Task<blobs::WholeUpload> take_small_body(Context& context, http::Request& request,
                                         const ContentDigest& promised);

// The request's whole body becomes that blob, promised to the image.
Task<> store_body(Context& context, http::Request& request, const Place& place,
                  const ContentDigest& promised);

// 201, and where the blob is.
http::Response created_blob(const Place& place, const ContentDigest& digest);

}  // namespace lodestone::formats::oci
