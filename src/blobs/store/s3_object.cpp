// The whole of what is not large is on its way as soon as it is opened, since mostly that is what is asked
// for; another range is asked for anew, with both its ends, so that the store sends no more than that.
#include "blobs/store/s3_object.hpp"

#include <utility>

#include "base/problem.hpp"

namespace lodestone::blobs {

Task<std::string_view> S3Body::read() {
    fault_.clear();
    try {
        co_return co_await body_->next();
    } catch (const Problem& problem) {
        fault_ = problem.detail() + " " + problem.internal();
    }
    co_return std::string_view();
}

Task<> S3Body::reopen() {
    body_.reset();  // its connection, before another is asked for
    regained_bytes_ = 0;
    if (++lost_ > limits::s3_attempts)
        bucket_->fail("breaks off while it is read from", object_ + ": " + fault_);
    auto download = co_await bucket_->download_piece(object_, rest_);
    if (!download) bucket_->fail("has lost what is being read", object_);
    body_ = std::move(download->body);
}

Task<std::string_view> S3Body::next() {
    while (rest_.range.size_bytes > 0) {
        std::string_view piece = co_await read();
        if (piece.empty()) {
            co_await reopen();
            continue;
        }
        regained_bytes_ += piece.size();
        if (regained_bytes_ >= limits::s3_regained_bytes) lost_ = 0;
        piece = piece.substr(0, rest_.range.size_bytes);
        rest_.range.offset += piece.size();
        rest_.range.size_bytes -= piece.size();
        co_return piece;
    }
    // Read to its end, the connection serves the next.
    if (body_ != nullptr) co_await read();
    body_.reset();
    co_return std::string_view();
}

S3Object::S3Object(std::shared_ptr<S3Bucket> bucket, std::string object, S3Reply reply,
                   std::unique_ptr<http::BodySource> whole)
    : bucket_(std::move(bucket)),
      object_(std::move(object)),
      tag_(std::move(reply.tag)),
      size_bytes_(reply.length.value_or(0)),
      whole_(std::move(whole)) {}

Task<std::unique_ptr<http::BodySource>> S3Object::open(http::ByteRange range) {
    S3Piece piece{.range = range, .total_bytes = size_bytes_, .tag = tag_};
    std::unique_ptr<http::BodySource> body = std::exchange(whole_, nullptr);
    if (range.size_bytes != size_bytes_) body.reset();
    if (body == nullptr && range.size_bytes > 0) {
        auto download = co_await bucket_->download_piece(object_, piece);
        if (!download) bucket_->fail("has lost what is being read", object_);
        body = std::move(download->body);
    }
    co_return std::make_unique<S3Body>(bucket_, object_, std::move(piece), std::move(body));
}

}  // namespace lodestone::blobs
