// The whole of an object is on its way as soon as it is opened, since mostly that is what is asked for;
// another range is asked for anew.
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
    if (++lost_ > limits::s3_attempts)
        bucket_->fail("breaks off while it is read from", object_ + ": " + fault_);
    auto download = co_await bucket_->download(object_, offset_, tag_);
    if (!download) bucket_->fail("has lost what is being read", object_);
    body_ = std::move(download->body);
}

Task<std::string_view> S3Body::next() {
    while (left_bytes_ > 0) {
        std::string_view piece = co_await read();
        if (piece.empty()) {
            co_await reopen();
            continue;
        }
        lost_ = 0;
        piece = piece.substr(0, left_bytes_);
        offset_ += piece.size();
        left_bytes_ -= piece.size();
        co_return piece;
    }
    // Read to its end, the connection serves the next.
    if (body_ != nullptr) co_await read();
    body_.reset();
    co_return std::string_view();
}

S3Object::S3Object(std::shared_ptr<S3Bucket> bucket, std::string object, S3Download download)
    : bucket_(std::move(bucket)),
      object_(std::move(object)),
      tag_(std::move(download.reply.tag)),
      size_bytes_(download.reply.length.value_or(0)),
      whole_(std::move(download.body)) {}

Task<std::unique_ptr<http::BodySource>> S3Object::open(http::ByteRange range) {
    std::unique_ptr<http::BodySource> body = std::exchange(whole_, nullptr);
    if (range.offset > 0 || range.size_bytes != size_bytes_) body.reset();
    if (body == nullptr) {
        auto download = co_await bucket_->download(object_, range.offset, tag_);
        if (!download) bucket_->fail("has lost what is being read", object_);
        body = std::move(download->body);
    }
    co_return std::make_unique<S3Body>(bucket_, object_, tag_, range, std::move(body));
}

}  // namespace lodestone::blobs
