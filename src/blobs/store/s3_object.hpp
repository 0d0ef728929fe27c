// Reading an object of an S3 store: as a stream from any offset, which goes on where it broke off when the
// connection is lost.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "blobs/store/s3_bucket.hpp"
#include "http/server/response.hpp"

namespace lodestone::blobs {

class S3Body final : public http::BodySource {
  public:
    // `body` gives the piece; it may be none where the piece is empty.
    S3Body(std::shared_ptr<S3Bucket> bucket, std::string object, S3Piece piece,
           std::unique_ptr<http::BodySource> body)
        : bucket_(std::move(bucket)),
          object_(std::move(object)),
          rest_(std::move(piece)),
          size_bytes_(rest_.range.size_bytes),
          body_(std::move(body)) {}
    // Throws Problem(unavailable) when the rest cannot be had.
    Task<std::string_view> next() override;
    std::optional<std::uint64_t> length() const override { return size_bytes_; }

  private:
    Task<std::string_view> read();
    Task<> reopen();

    std::shared_ptr<S3Bucket> bucket_;
    std::string object_;
    S3Piece rest_;  // what has not come yet
    const std::uint64_t size_bytes_;
    std::unique_ptr<http::BodySource> body_;
    std::string fault_;                 // of the last read; empty when it went well
    int lost_ = 0;                      // connections, since enough came of one
    std::uint64_t regained_bytes_ = 0;  // since the last was lost
};

class S3Object final : public http::SeekableSource {
  public:
    // What is known of it, its length among that; and its bytes, if they are on their way already.
    S3Object(std::shared_ptr<S3Bucket> bucket, std::string object, S3Reply reply,
             std::unique_ptr<http::BodySource> whole);
    std::uint64_t size_bytes() const override { return size_bytes_; }
    Task<std::unique_ptr<http::BodySource>> open(http::ByteRange range) override;

  private:
    std::shared_ptr<S3Bucket> bucket_;
    std::string object_;
    std::string tag_;
    std::uint64_t size_bytes_;
    std::unique_ptr<http::BodySource> whole_;  // until it is used; or none
};

}  // namespace lodestone::blobs
