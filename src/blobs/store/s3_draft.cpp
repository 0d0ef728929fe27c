// The bytes come in segments, as much at a time as there is room for; in between the part is sent.
#include "blobs/store/s3_draft.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/ensure.hpp"
#include "base/hex.hpp"
#include "base/log.hpp"
#include "base/problem.hpp"
#include "blobs/store/s3_object.hpp"
#include "http/wire/spawn.hpp"

namespace lodestone::blobs {

namespace {

[[noreturn]] void refuse_size(std::uint64_t limit_bytes) {
    throw Problem(problems::body_too_large,
                  fmt::format("The file is larger than the {} bytes that are taken here.", limit_bytes));
}

// So much of a body as is asked for, then an end; the rest comes with the next segment.
class Segment final : public http::BodySource {
  public:
    explicit Segment(http::BodySource& whole) : whole_(whole) {}

    // False when there is nothing more.
    Task<bool> open(std::uint64_t size_bytes) {
        left_bytes_ = size_bytes;
        if (rest_.empty() && !is_ended_) rest_ = co_await whole_.next();
        is_ended_ = rest_.empty();
        co_return !is_ended_;
    }
    Task<std::string_view> next() override {
        if (left_bytes_ == 0 || is_ended_) co_return std::string_view();
        if (rest_.empty()) rest_ = co_await whole_.next();
        co_return cut(rest_);
    }
    Task<std::string_view> next_into(std::span<char> room) override {
        if (left_bytes_ == 0 || is_ended_) co_return std::string_view();
        if (!rest_.empty()) co_return cut(rest_);
        const std::size_t most = std::min<std::uint64_t>(room.size(), left_bytes_);
        const std::string_view piece = co_await whole_.next_into(room.first(most));
        co_return cut(piece);
    }
    std::optional<std::uint64_t> length() const override { return std::nullopt; }

  private:
    std::string_view cut(std::string_view piece) {
        is_ended_ = piece.empty();
        const std::string_view now = piece.substr(0, left_bytes_);
        rest_ = piece.substr(now.size());
        left_bytes_ -= now.size();
        return now;
    }

    http::BodySource& whole_;
    std::string_view rest_;
    std::uint64_t left_bytes_ = 0;
    bool is_ended_ = false;
};

std::string hex_of(const std::string& bytes) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

Task<> abort_later(std::shared_ptr<S3Shared> shared, std::string object, std::string upload_id) {
    co_await abort_upload(*shared->bucket, std::move(object), std::move(upload_id));
}

}  // namespace

void S3Part::take(std::string_view piece) {
    if (!is_repeating_) {
        if (size_bytes_ > limit_bytes_ || piece.size() > limit_bytes_ - size_bytes_)
            refuse_size(limit_bytes_);
        digests_.add(piece);
        size_bytes_ += piece.size();
    }
    bytes_ += piece;
    md5_.add(piece);
    // As long as the part is the whole, its digest is there already; unless it is to be compared with that.
    if (is_repeating_ || bytes_.size() < size_bytes_) sha256_.add(piece);
}

void S3Part::clear() {
    std::string().swap(bytes_);
    sha256_ = ResumableDigest(DigestKind::sha256);
    md5_ = ResumableDigest(DigestKind::md5);
}

S3Bytes S3Part::bytes() const {
    const bool is_whole = bytes_.size() == size_bytes_;
    return {.bytes = bytes_,
            .sha256 = is_whole ? to_hex(digests_.digests().sha256) : hex_of(sha256_.digest()),
            .md5 = hex_of(md5_.digest())};
}

std::string S3Part::repeated_sha256() const {
    return hex_of(sha256_.digest());
}

S3Draft::S3Draft(std::shared_ptr<S3Shared> shared, std::string name, DraftProgress progress,
                 RunningDigests digests, S3State state, bool is_complete)
    : shared_(std::move(shared)),
      name_(std::move(name)),
      id_(progress.id),
      state_(std::move(state)),
      part_(std::make_shared<S3Part>(std::move(digests), progress.size_bytes)),
      room_bytes_(limits::s3_free_bytes),
      kept_upload_(state_.upload_id),
      is_complete_(is_complete) {}

// Parts that nobody can go on with are not left; what a crash leaves is aborted after some days.
S3Draft::~S3Draft() {
    if (!name_.empty()) {
        const std::lock_guard lock(shared_->mutex);
        shared_->open.erase(name_);
    }
    if (is_published_ || state_.upload_id == kept_upload_ || shared_->bucket->is_stopped()) return;
    http::spawn(shared_->background, abort_later(shared_, state_.object, state_.upload_id),
                [log = &shared_->bucket->context().log](std::string_view why) {
                    log->warn("an upload was not aborted in the S3 store", {{"why", why}});
                });
}

void S3Draft::begin_step() {
    ensure(!is_spent_, "a draft that failed, or was published, is not used any more");
    is_spent_ = true;
}

std::size_t S3Draft::wanted_bytes() const {
    return state_.parts.size() < limits::s3_early_parts ? limits::s3_early_part_bytes
                                                        : limits::s3_late_part_bytes;
}

// More memory, or a part less in it. Who holds as much as makes a part waits for nobody, so all go on.
Task<> S3Draft::make_room() {
    if (part_->held_bytes() < room_bytes_) co_return;
    if (share_.size_bytes() == 0) {
        // What has many parts already must not end at S3's most because they are small.
        const bool is_early = state_.parts.size() < limits::s3_early_parts;
        co_await take_share(is_early ? limits::s3_least_part_bytes : wanted_bytes());
    } else if (room_bytes_ < wanted_bytes() && share_.grow(wanted_bytes() - room_bytes_)) {
        room_bytes_ = wanted_bytes();
    } else {
        co_await send_part();
    }
    part_->reserve(room_bytes_);
}

Task<> S3Draft::take_share(std::uint64_t size_bytes) {
    const S3Options& options = bucket().options();
    const std::uint64_t most = std::min(size_bytes, options.buffer_bytes);
    const SteadyTime deadline = std::chrono::steady_clock::now() + options.buffer_wait;
    share_ = co_await shared_->budget->acquire(most, deadline);
    room_bytes_ = most;
}

Task<> S3Draft::send_part() {
    if (state_.parts.size() == limits::s3_parts)
        throw Problem(problems::body_too_large, "The file has more parts than an S3 store takes.");
    if (state_.upload_id.empty()) {
        state_.object = s3_large_object(id_);
        state_.upload_id = co_await begin_upload(bucket(), state_.object);
    }
    const S3Bytes bytes = part_->bytes();
    std::string tag =
        co_await put_part(bucket(), state_.object, state_.upload_id, state_.parts.size() + 1, bytes);
    state_.parts.push_back(std::move(tag));
    part_->clear();
    share_.release();
    room_bytes_ = limits::s3_free_bytes;
}

void S3Draft::check_room(const http::BodySource& source, std::uint64_t limit_bytes) const {
    const std::uint64_t size = part_->size_bytes();
    const auto length = source.length();
    if (size > limit_bytes || (length && *length > limit_bytes - size)) refuse_size(limit_bytes);
}

Task<> S3Draft::append(http::BodySource& source, std::uint64_t limit_bytes) {
    begin_step();
    check_room(source, limit_bytes);
    part_->set_limit(limit_bytes);
    Segment segment(source);
    while (co_await segment.open(0)) {
        if (is_complete_) throw Problem(problems::not_found, "This upload has ended already; begin another.");
        co_await make_room();
        co_await segment.open(room_bytes_ - part_->held_bytes());
        co_await http::hand_over(segment, shared_->workers, part_);
    }
    is_spent_ = false;
}

Task<> S3Draft::keep() {
    ensure(!name_.empty(), "only named drafts are kept");
    begin_step();
    if (!is_complete_) {
        if (part_->held_bytes() >= limits::s3_least_part_bytes) co_await send_part();
        co_await keep_tail();
    }
    kept_upload_ = state_.upload_id;
    is_spent_ = false;
}

// The tail before is what the upload's row tells of until this one is noted; the one before that is needless.
Task<> S3Draft::keep_tail() {
    const std::uint64_t needless = std::exchange(state_.old_tail_at, kept_tail_at_);
    state_.tail_bytes = part_->held_bytes();
    state_.tail_sha256.clear();
    kept_tail_at_ = state_.tail_bytes > 0 ? part_->size_bytes() : 0;
    if (state_.tail_bytes > 0) {
        std::string tail = s3_tail_object(name_, kept_tail_at_);
        const S3Bytes bytes = part_->bytes();
        state_.tail_sha256 = bytes.sha256;
        co_await put_object(bucket(), std::move(tail), bytes);
    }
    if (needless != 0 && needless != kept_tail_at_ && needless != state_.old_tail_at)
        co_await delete_object(bucket(), s3_tail_object(name_, needless));
}

Task<bool> S3Draft::load_tail() {
    if (state_.tail_bytes == 0) co_return true;
    const std::string object = s3_tail_object(name_, part_->size_bytes());
    auto download = co_await bucket().download(object);
    if (!download || download->reply.length != state_.tail_bytes) co_return false;
    if (state_.tail_bytes > room_bytes_) co_await take_share(limits::s3_least_part_bytes);
    part_->reserve(room_bytes_);
    part_->set_repeating(true);
    S3Piece piece{.range = {.offset = 0, .size_bytes = state_.tail_bytes},
                  .total_bytes = state_.tail_bytes,
                  .tag = download->reply.tag};
    S3Body tail(shared_->bucket, object, std::move(piece), std::move(download->body));
    co_await http::hand_over(tail, shared_->workers, part_);
    part_->set_repeating(false);
    kept_tail_at_ = part_->size_bytes();
    co_return part_->held_bytes() == state_.tail_bytes && part_->repeated_sha256() == state_.tail_sha256;
}

DraftProgress S3Draft::progress() const {
    return {.id = id_,
            .size_bytes = part_->size_bytes(),
            .digest_state = part_->digests().save(),
            .store_state = render_s3_state(state_)};
}

Task<> S3Draft::publish(const BlobKey& key) {
    begin_step();
    ensure(key.id == id_ && key.sha256 == digests().sha256, "a draft is published as what it is");
    if (state_.upload_id.empty()) {
        const S3Bytes bytes = part_->bytes();
        std::string object = s3_blob_object(key);
        co_await put_object(bucket(), std::move(object), bytes);
    } else {
        // The mark comes first: it is what lists find, and what is removed with its bytes.
        co_await put_mark(bucket(), key);
        if (!is_complete_) {
            if (part_->held_bytes() > 0) co_await send_part();
            co_await complete_upload(bucket(), state_.object, state_, part_->size_bytes());
        }
    }
    is_published_ = true;
    share_.release();
    part_->clear();
}

}  // namespace lodestone::blobs
