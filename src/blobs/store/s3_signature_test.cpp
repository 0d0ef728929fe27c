// The examples that the specification publishes, to the last digit.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
#include "blobs/store/s3_signature.hpp"

#include <gmock/gmock.h>

namespace lodestone::blobs {
namespace {

using http::Method;
using ::testing::EndsWith;

const S3Credentials credentials{.access_key = "AKIAIOSFODNN7EXAMPLE",
                                .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
constexpr std::string_view host = "examplebucket.s3.amazonaws.com";
const std::string empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

S3Signer signer() {
    using namespace std::chrono;
    return {.credentials = credentials,
            .region = "us-east-1",
            .now = sys_days(year_month_day(year(2013), month(5), day(24)))};
}

// With the two headers that every request has.
std::string sign(Method method, const std::string& path, S3Fields query, S3Fields headers,
                 const std::string& hash) {
    headers.emplace_back("x-amz-content-sha256", hash);
    headers.emplace_back("x-amz-date", "20130524T000000Z");
    const std::string rendered = render_s3_path(path);
    return sign_s3_request({.method = method,
                            .host = host,
                            .path = rendered,
                            .query = std::move(query),
                            .headers = std::move(headers),
                            .payload_hash = hash},
                           signer());
}

TEST(S3Signature, SignsTheExampleOfReading) {
    EXPECT_EQ(sign(Method::get, "/test.txt", {}, {{"range", "bytes=0-9"}}, empty_hash),
              "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
              "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
              "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(S3Signature, SignsTheExampleOfWriting) {
    EXPECT_THAT(
        sign(Method::put, "/test$file.text", {},
             {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
             "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
        EndsWith("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(S3Signature, SignsTheExamplesOfQueries) {
    EXPECT_THAT(sign(Method::get, "/", {{"lifecycle", ""}}, {}, empty_hash),
                EndsWith("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
    EXPECT_THAT(sign(Method::get, "/", {{"prefix", "J"}, {"max-keys", "2"}}, {}, empty_hash),
                EndsWith("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(S3Signature, SignsTheExampleOfALink) {
    const std::string query = sign_s3_link({.method = Method::get,
                                            .host = host,
                                            .path = "/test.txt",
                                            .query = {},
                                            .headers = {},
                                            .payload_hash = "UNSIGNED-PAYLOAD"},
                                           signer(), std::chrono::hours(24));
    EXPECT_EQ(query,
              "X-Amz-Algorithm=AWS4-HMAC-SHA256"
              "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
              "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
              "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(S3Signature, EncodesAsItIsAskedTo) {
    EXPECT_EQ(render_s3_path("/a b/ü~+"), "/a%20b/%C3%BC~%2B");
    EXPECT_EQ(render_s3_query({{"b", "1"}, {"a", "x/y"}, {"a", ""}, {"A", "&="}}), "A=%26%3D&a=&a=x%2Fy&b=1");
    EXPECT_EQ(render_s3_query({}), "");
}

}  // namespace
}  // namespace lodestone::blobs
