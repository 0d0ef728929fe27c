// The answers of S3, which are XML: what a listing, an error, or the end of an upload says. Only what these
// use is understood; a document type, and what follows from one, is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::blobs {

// An element without others in it, by the names of those that it stands in: "ListBucketResult/Contents/Key".
struct S3Element {
    std::string path;
    std::string text;
    bool operator==(const S3Element&) const = default;
};

// In their order; nothing when it is no such XML, or there is more of it than the limits allow.
std::optional<std::vector<S3Element>> parse_s3_xml(std::string_view xml);

struct S3Error {
    std::string code;  // "NoSuchKey"
    std::string message;
};
// Nothing when it is not an error's XML.
std::optional<S3Error> parse_s3_error(std::string_view xml);

struct S3Listed {
    std::string key;
    std::string modified_at;  // "2009-10-12T17:50:30.000Z"
};
struct S3Listing {
    std::vector<S3Listed> objects;
    std::string next;  // the token for the rest; empty: this was all
};
std::optional<S3Listing> parse_s3_listing(std::string_view xml);

// The id of an upload that was begun.
std::optional<std::string> parse_s3_upload_id(std::string_view xml);
// The ETag of an upload that was completed, without its quotes.
std::optional<std::string> parse_s3_completion(std::string_view xml);

struct S3Upload {
    std::string key;
    std::string id;
    std::string begun_at;  // "2010-11-10T20:48:33.000Z"
};
// Uploads that were begun and neither completed nor aborted.
struct S3Uploads {
    std::vector<S3Upload> uploads;
    std::string next_key;  // both: behind which the rest begins; empty: this was all
    std::string next_id;
};
std::optional<S3Uploads> parse_s3_uploads(std::string_view xml);

// `"abc"` → `abc`
std::string_view strip_quotes(std::string_view text);

}  // namespace lodestone::blobs
