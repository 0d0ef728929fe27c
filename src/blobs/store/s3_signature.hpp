// AWS Signature Version 4, as S3 takes it: in a header of the request, or in the query of a URL that is given
// away. Pure; nothing here knows the time or sends anything.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "http/message/method.hpp"

namespace lodestone::blobs {

struct S3Credentials {
    std::string access_key;
    std::string secret_key;  // never shown to anybody
};

// Names and values as they are, not encoded.
using S3Fields = std::vector<std::pair<std::string, std::string>>;

// Of a request what is signed.
struct S3SignedRequest {
    http::Method method{};
    std::string_view host;  // as it goes out: with the port where that is not the scheme's own
    std::string_view path;  // as it goes out: render_s3_path()
    S3Fields query;
    S3Fields headers;          // besides Host; names in lower case
    std::string payload_hash;  // of the body, in hexadecimal; for URLs "UNSIGNED-PAYLOAD"
};

struct S3Signer {
    const S3Credentials& credentials;
    std::string_view region;
    Time now{};
};

// "20130524T000000Z"
std::string render_s3_time(Time time);
// Encoded as the signature wants it; slashes stay.
std::string render_s3_path(std::string_view path);
// Encoded and in order.
std::string render_s3_query(const S3Fields& query);

// The value of Authorization. X-Amz-Date and X-Amz-Content-Sha256 are to be among the headers.
std::string sign_s3_request(const S3SignedRequest& request, const S3Signer& signer);
// The whole query of a URL that works for that long, for whoever has it.
std::string sign_s3_link(const S3SignedRequest& request, const S3Signer& signer,
                         std::chrono::seconds lifetime);

}  // namespace lodestone::blobs
