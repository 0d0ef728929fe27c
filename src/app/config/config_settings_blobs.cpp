// The settings about the bytes of packages: files, or objects in an S3-compatible store.
#include "app/config/config_row.hpp"

namespace lodestone::app {

using namespace kinds;

std::vector<Setting> make_blob_settings() {
    constexpr auto blobs = &Config::blobs;
    constexpr auto s3 = &Config::s3;
    return {
        row<Choice<BlobStoreWords>, blobs, &BlobsConfig::store>(
            {.key = "blobs.store",
             .about = "Where the bytes of packages are kept: filesystem is blobs.dir, s3 the bucket that the "
                      "settings below s3 name. What one has, the other does not find."}),
        row<FilePath, blobs, &BlobsConfig::dir>(
            {.key = "blobs.dir",
             .about =
                 "The folder for the bytes of packages, made if it is not there; without it, blobs in the "
                 "data folder. Several nodes share one."}),
        row<Duration<60'000, 24 * hour_ms * 366>, blobs, &BlobsConfig::grace>(
            {.key = "blobs.grace",
             .about =
                 "How long bytes that nobody needs any more are still kept before they are deleted. What "
                 "somebody comes for in that time stays."}),
        row<Duration<1'000, 24 * hour_ms * 3660>, blobs, &BlobsConfig::scrub_interval>(
            {.key = "blobs.scrub_interval",
             .about = "How often stored bytes are hashed again, to find out whether they are still what they "
                      "were."}),
        row<Size<0, 64 * limits::gib>, blobs, &BlobsConfig::scrub_rate_bytes>(
            {.key = "blobs.scrub_rate",
             .about = "How many bytes a second are hashed again, by all nodes together; 0 switches it off, "
                      "and with it the removal of stored bytes that nothing names."}),
        row<WebUrl, s3, &S3Config::endpoint>(
            {.key = "s3.endpoint",
             .about = "The store's URL: scheme, host and port. Its host may be a private one whatever egress "
                      "says."}),
        row<BucketName, s3, &S3Config::bucket>(
            {.key = "s3.bucket", .about = "The bucket; it has to be there already."}),
        row<VisibleText, s3, &S3Config::region>(
            {.key = "s3.region", .about = "The region that requests are signed for."}),
        row<VisibleText, s3, &S3Config::access_key>(
            {.key = "s3.access_key", .about = "The access key's id, with which requests are signed."}),
        row<VisibleText, s3, &S3Config::secret_key>(
            {.key = "s3.secret_key", .about = "The access key's secret.", .is_secret = true}),
        row<Choice<S3AddressingWords>, s3, &S3Config::addressing>(
            {.key = "s3.addressing",
             .about = "Where the bucket stands in URLs: in the path, or in front of the endpoint's host."}),
        row<ObjectPrefix, s3, &S3Config::prefix>(
            {.key = "s3.prefix",
             .about = "What the names of all our objects begin with, where others use the bucket too."}),
        row<Boolean, s3, &S3Config::checks_etags>(
            {.key = "s3.check_etags",
             .about = "Whether ETags of the length of an MD5 are compared with it. Switch it off for a store "
                      "whose ETags are something else; what is sent is signed with its SHA-256 anyway."}),
        row<Size<2 * limits::s3_late_part_bytes, 64 * limits::gib>, s3, &S3Config::buffer_bytes>(
            {.key = "s3.buffer",
             .about = "How much memory all uploads together take for the parts that they send: more makes "
                      "parts larger, and lets more uploads go on at once."}),
        row<Boolean, s3, &S3Config::redirects>(
            {.key = "s3.redirect",
             .about = "Whether who downloads a large file, or a layer of an image, is sent to the store for "
                      "it, with a signed URL. The clients have to reach s3.endpoint; see storage.md."}),
        row<Duration<10'000, hour_ms>, s3, &S3Config::redirect_lifetime>(
            {.key = "s3.redirect_lifetime",
             .about = "How long such a URL is good for beginning a download, for whoever has it."}),
    };
}

}  // namespace lodestone::app
