// Writing to an S3 store: small objects at once, large ones in parts. What is sent is signed with its
// SHA-256, which the store checks; what it says to have stored is checked here, by its ETags.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/digest.hpp"
#include "blobs/store/blob_key.hpp"
#include "blobs/store/s3_bucket.hpp"
#include "blobs/store/s3_state.hpp"

namespace lodestone::blobs {

// Where things stand, behind the prefix:
//   sha256/ab/SHA256-ID   a blob; of a large one its mark
//   large/EF/ID              the bytes of a large one, which had no digest yet when its first part was sent
//   uploads/NAME/SIZE        what of an unfinished upload is too little for a part
//   name                     what the bucket is called, or our part of it
inline constexpr std::string_view s3_name_object = "name";
std::string s3_blob_object(const BlobKey& key);
std::string s3_large_object(const BlobId& id);
// Nothing for what s3_large_object() does not write.
std::optional<BlobId> parse_s3_large_object(std::string_view object);
std::string s3_tail_object(const std::string& name, std::uint64_t size_bytes);
// Whether it is the tail of that upload, at any size.
bool is_s3_tail(std::string_view object, const std::string& name);
// A mark says so twice: in its metadata, which may be lost when a bucket is copied, and in its bytes.
inline constexpr std::string_view s3_large_kind = "large";
// The bytes of a mark. No blob has these: they name its own SHA-256.
std::string render_s3_mark(const BlobKey& key);
bool is_s3_mark(const BlobKey& key, std::string_view bytes);

// Bytes with their digests.
struct S3Bytes {
    std::string_view bytes;
    std::string sha256;  // both in hexadecimal
    std::string md5;
};
S3Bytes hash_s3_bytes(std::string_view bytes);

Task<> put_object(S3Bucket& bucket, std::string object, const S3Bytes& bytes);
// Says of a blob that its bytes are a large object.
Task<> put_mark(S3Bucket& bucket, const BlobKey& key);
Task<> delete_object(S3Bucket& bucket, std::string object);
// Not there: nothing.
Task<std::optional<S3Reply>> find_object(S3Bucket& bucket, std::string object);

Task<std::string> begin_upload(S3Bucket& bucket, std::string object);
// Part `number`, from 1 on, in the place of one that had that number; answers its ETag.
Task<std::string> put_part(S3Bucket& bucket, const std::string& object, const std::string& upload_id,
                           std::size_t number, const S3Bytes& bytes);
// Makes the parts one object of that size. It may be there already: a reply may have been lost.
Task<> complete_upload(S3Bucket& bucket, const std::string& object, const S3State& state,
                       std::uint64_t size_bytes);
// One that is gone is fine. False when we may not (403), which the log says, too.
Task<bool> abort_upload(S3Bucket& bucket, std::string object, std::string upload_id);
// Whether the store still knows it.
Task<bool> is_upload_open(S3Bucket& bucket, const std::string& object, const std::string& upload_id);

// The objects whose names begin so, at most so many; whatever else the store lists is left out.
struct S3Stored {
    std::string object;
    Time stored_at{};
};
Task<std::vector<S3Stored>> list_objects(S3Bucket& bucket, const std::string& beginning, std::size_t limit);
// Aborts uploads in parts that nobody has ended for long, as a crash leaves them; one that it may not abort
// does not keep it from the others.
Task<> abort_leftovers(S3Bucket& bucket);

}  // namespace lodestone::blobs
