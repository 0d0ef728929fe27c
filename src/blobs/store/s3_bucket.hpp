// One bucket of an S3-compatible store: requests are signed, sent through the program's HTTP client, tried
// again where that may help, and their answers checked.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/blob_limits.hpp"
#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/problem.hpp"
#include "base/task.hpp"
#include "blobs/store/s3_signature.hpp"
#include "blobs/store/storage_health.hpp"
#include "http/client/client.hpp"
#include "http/message/range.hpp"
#include "http/message/url.hpp"
#include "http/wire/body.hpp"

namespace lodestone::blobs {

enum class S3Addressing : std::uint8_t { path, virtual_host };

struct S3Options {
    std::string endpoint;  // "https://s3.example": scheme, host and port
    std::string bucket;
    std::string region;
    std::string prefix;  // of everything that we keep there; empty, or "…/"
    S3Addressing addressing = S3Addressing::path;
    S3Credentials credentials;
    // ETags are the MD5 of what was sent, as S3 says, and are compared with it.
    bool checks_etags = true;
    std::uint64_t buffer_bytes = limits::s3_buffer_bytes;
    std::chrono::milliseconds buffer_wait = limits::s3_buffer_wait;
    std::chrono::milliseconds timeout = limits::s3_timeout;
    std::chrono::milliseconds retry_pause = limits::s3_retry_pause;
};

// Our own requests to the store go where the operator said, be it private; nowhere else.
http::EgressPolicy s3_egress(const S3Options& options);

// Bytes that somebody else holds, without a copy.
class HeldBytes final : public http::BodySource {
  public:
    explicit HeldBytes(std::string_view bytes) : rest_(bytes), size_bytes_(bytes.size()) {}
    Task<std::string_view> next() override {
        const std::string_view piece = rest_.substr(0, limits::body_piece_bytes);
        rest_.remove_prefix(piece.size());
        co_return piece;
    }
    std::optional<std::uint64_t> length() const override { return size_bytes_; }

  private:
    std::string_view rest_;
    std::uint64_t size_bytes_;
};

struct S3Call {
    http::Method method = http::Method::get;
    std::string object{};  // behind the prefix; empty: the bucket itself
    S3Fields query{};
    S3Fields headers{};          // names in lower case
    std::string_view body{};     // outlives the call
    std::string body_sha256{};   // in hexadecimal, if it is known
    std::string expected_tag{};  // the ETag, where it can be known
    bool takes_refusal = false;  // 403 is an answer, too
};

struct S3Reply {
    int status = 0;
    std::string tag;  // the ETag, without its quotes
    // With keys that the store does not hold in its own hand, an ETag is none: it is kept, and compared with
    // nothing but itself.
    bool is_tag_digest = true;
    std::string kind;  // what we wrote to it: x-amz-meta-lodestone
    std::optional<std::uint64_t> length;
    std::string range;  // Content-Range
    std::string text;   // the body, of what is no object

    bool is_absent() const { return status == 404; }
};

struct S3Download {
    S3Reply reply;
    std::unique_ptr<http::BodySource> body;
};

// Of an object that is known already, from its size and its ETag.
struct S3Piece {
    http::ByteRange range;  // not empty
    std::uint64_t total_bytes = 0;
    std::string tag;
};

class S3Bucket {
  public:
    // Throws Problem(invalid_input) when the endpoint is none.
    S3Bucket(S3Options options, http::Client& client, Context& context);

    // An answer of 2xx or 404, or 403 where the call takes that. Everything else is tried again where it may
    // pass, and thrown in the end: Problem(storage_full), or Problem(unavailable), which says what happened
    // in its internal text.
    Task<S3Reply> send(const S3Call& call);
    // The object, its body not read yet; nothing when it is not there.
    Task<std::optional<S3Download>> download(const std::string& object);
    // Exactly this piece of that very content: an answer with anything else is thrown.
    Task<std::optional<S3Download>> download_piece(const std::string& object, const S3Piece& piece);

    // A URL with which whoever has it may read the object for so long.
    std::string make_link(const std::string& object, std::chrono::seconds lifetime) const;

    const S3Options& options() const { return options_; }
    Context& context() { return context_; }
    StorageHealth& health() { return health_; }
    void stop() { is_stopped_ = true; }
    bool is_stopped() const { return is_stopped_; }
    [[noreturn]] void fail(std::string_view what, const std::string& internal);

  private:
    struct Attempt {
        std::optional<S3Download> done;
        std::string code;  // why not: S3's word, or ours
        std::string detail;
        bool may_pass = true;  // worth another one
    };
    enum class Take : std::uint8_t { whole, stream };
    Task<S3Download> run(const S3Call& call, Take take);
    Task<Attempt> attempt(const S3Call& call, Take take, SteadyTime deadline);
    static Attempt judge(const S3Call& call, S3Download download);
    http::ClientRequest make_request(const S3Call& call, SteadyTime deadline) const;
    S3SignedRequest describe(const S3Call& call, std::string_view path) const;
    std::string path_of(std::string_view object) const;
    Task<bool> pause(int attempt, SteadyTime deadline);
    [[noreturn]] void fail(const S3Call& call, const Attempt& attempt);

    const S3Options options_;
    http::Client& client_;
    Context& context_;
    StorageHealth health_;
    http::Url origin_;  // with the bucket in the host where it belongs there
    std::atomic<bool> is_stopped_{false};
};

}  // namespace lodestone::blobs
