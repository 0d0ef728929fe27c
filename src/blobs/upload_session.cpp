// Each request holds the upload while it is at work on it, and gives it back however it ends.
#include "blobs/upload_session.hpp"

#include "base/blob_limits.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/problem.hpp"
#include "db/noun.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

[[noreturn]] void refuse_taken() {
    throw Problem(problems::conflict,
                  "Another request has taken this upload over; ask where it stands, and go on from there.");
}

[[noreturn]] void refuse_ending() {
    throw Problem(problems::conflict,
                  "Another request is finishing this upload with other bytes; begin another upload.");
}

// An upload that a request is at work on, and what has come of it.
class Hold {
  public:
    Hold(Blobs& blobs, UploadPlace place, UploadId id)
        : blobs_(blobs),
          place_(std::move(place)),
          id_(std::move(id)),
          holder_(render_uuid(make_uuid(blobs.context().clock, blobs.context().random))) {}
    ~Hold() {
        if (!is_held_) return;
        const bool is_lost = draft_ && draft_->is_lost();
        auto release = [tenant = place_.tenant, id = id_, holder = holder_, is_lost](Tx& tx) {
            if (is_lost)
                delete_upload(tx, tenant, id, {.holder = holder, .sha256 = {}});
            else
                release_hold(tx, tenant, id, holder);
        };
        // Nobody waits for it, and if it fails the hold ends by itself.
        blobs_.database().write_for([](const std::exception_ptr&) {}, {}, std::move(release));
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    const std::string& holder() const { return holder_; }
    Draft& draft() { return *draft_; }
    // It is noted, or over; nothing is open any more.
    void close() {
        is_held_ = false;
        draft_.reset();
    }

    // Whoever is refused has not held it, and may come again at once.
    Task<Upload> take(std::optional<std::uint64_t> offset = {}) {
        auto hold = [this, offset](Tx& tx) {
            Upload upload = hold_upload(tx, place_.tenant, place_.scope, id_, holder_);
            check_offset(upload, offset);
            return upload;
        };
        Upload upload = co_await blobs_.database().write({}, hold);
        is_held_ = true;
        next_extension_ = blobs_.context().clock.steady_now() + limits::upload_hold / 3;
        co_return upload;
    }
    // And opens its draft.
    Task<> open(const Upload& upload) {
        draft_ = co_await blobs_.store().reopen(id_.text(), upload.progress());
    }
    // That it will have these bytes, or none: of two who finish it, neither may put others in the place of
    // those that the other one is answered for.
    Task<> claim(const Sha256& sha256) {
        auto claim = [&](Tx& tx) {
            if (claim_end(tx, place_.tenant, id_, {.holder = holder_, .sha256 = sha256})) return;
            const auto found = find_upload(tx, place_.tenant, place_.scope, id_);
            if (found && found->ending_sha256 && *found->ending_sha256 != sha256) refuse_ending();
            refuse_taken();
        };
        co_await blobs_.database().write({}, claim);
    }
    // While bytes come.
    Task<> extend_if_due() {
        const SteadyTime now = blobs_.context().clock.steady_now();
        if (now < next_extension_) co_return;
        next_extension_ = now + limits::upload_hold / 3;
        auto extend = [this](Tx& tx) { return extend_hold(tx, place_.tenant, id_, holder_); };
        if (!co_await blobs_.database().write({}, extend)) refuse_taken();
    }

  private:
    Blobs& blobs_;
    const UploadPlace place_;
    const UploadId id_;
    const std::string holder_;
    bool is_held_ = false;
    SteadyTime next_extension_{};
    std::unique_ptr<Draft> draft_;
};

class HeldSource final : public http::BodySource {
  public:
    HeldSource(http::BodySource& source, Hold& hold) : source_(source), hold_(hold) {}
    Task<std::string_view> next() override {
        co_await hold_.extend_if_due();
        co_return co_await source_.next();
    }
    Task<std::string_view> next_into(std::span<char> room) override {
        co_await hold_.extend_if_due();
        co_return co_await source_.next_into(room);
    }
    void hold(std::uint64_t held_bytes) override { source_.hold(held_bytes); }
    std::optional<std::uint64_t> length() const override { return source_.length(); }

  private:
    http::BodySource& source_;
    Hold& hold_;
};

Task<> add_part(Hold& hold, const Upload& upload, const UploadPart& part) {
    co_await hold.open(upload);
    if (part.bytes == nullptr) co_return;
    HeldSource source(*part.bytes, hold);
    co_await hold.draft().append(source, part.limit_bytes);
}

}  // namespace

Task<Upload> begin_upload(Blobs& blobs, db::Unit unit, UploadPlace place, std::vector<DigestKind> also) {
    co_await blobs.belonging().need();
    Upload upload;
    upload.id = make_id<UploadId>(blobs.context().clock, blobs.context().random);
    upload.scope = place.scope;
    upload.blob_id = blobs.new_id();
    const std::string state = RunningDigests(also).save();
    const auto* begin = reinterpret_cast<const std::byte*>(state.data());
    upload.digest_state.assign(begin, begin + state.size());
    auto insert = [&](Tx& tx) { return insert_upload(tx, place.tenant, upload); };
    co_return co_await blobs.database().write(std::move(unit), insert);
}

Task<Upload> append_upload(Blobs& blobs, db::Unit unit, UploadPlace place, UploadId id, UploadPart part) {
    Hold hold(blobs, place, id);
    co_await blobs.belonging().need();
    const Upload upload = co_await hold.take(part.offset);
    if (upload.ending_sha256) refuse_ending();
    co_await add_part(hold, upload, part);
    co_await hold.draft().keep();
    const DraftProgress progress = hold.draft().progress();
    auto note = [&](Tx& tx) {
        if (!note_progress(tx, place.tenant, id, hold.holder(), progress)) refuse_taken();
        release_hold(tx, place.tenant, id, hold.holder());
        auto noted = find_upload(tx, place.tenant, place.scope, id);
        if (!noted) db::refuse_absent("upload", id.text());
        return *std::move(noted);
    };
    Upload noted = co_await blobs.database().write(std::move(unit), note);
    hold.close();
    co_return noted;
}

Task<BlobId> finish_upload(Blobs& blobs, db::Unit unit, UploadPlace place, UploadId id, UploadPart last,
                           UploadEnd end) {
    Hold hold(blobs, place, id);
    co_await blobs.belonging().need();
    const Upload upload = co_await hold.take(last.offset);
    co_await add_part(hold, upload, last);
    if (end.admit) co_await end.admit();
    const Digests digests = hold.draft().digests();
    end.check(digests, hold.draft().size_bytes());
    UploadHolder holder{.holder = hold.holder(), .sha256 = {}};
    if (hold.draft().is_published_by_id()) {
        co_await hold.claim(digests.sha256);
        holder.sha256 = digests.sha256;
    }
    const std::string store_state = hold.draft().progress().store_state;
    Blobs::Note note = [&](Tx& tx, BlobId blob) {
        end.note(tx, blob);
        if (!delete_upload(tx, place.tenant, id, holder)) refuse_taken();
    };
    const BlobId entered = co_await blobs.enter(std::move(unit), hold.draft(), std::move(note));
    hold.close();
    co_await blobs.discard_beside(id.text(), store_state);
    co_return entered;
}

Task<BlobId> finish_at_once(Blobs& blobs, db::Unit unit, UploadPlace place, Upload found, WholeUpload whole,
                            Blobs::Note note) {
    Blobs::Note end = [&](Tx& tx, BlobId blob) {
        note(tx, blob);
        delete_fresh_upload(tx, place.tenant, place.scope, found.id);
    };
    const BlobId entered = co_await blobs.enter_small(std::move(unit), std::move(whole.bytes),
                                                      std::move(whole.digests), std::move(end));
    // Only a request that has held it can have left a draft.
    if (found.touched_at != found.created_at)
        co_await blobs.discard_beside(found.id.text(), found.store_state);
    co_return entered;
}

Task<> cancel_upload(Blobs& blobs, db::Unit unit, UploadPlace place, UploadId id) {
    Hold hold(blobs, place, id);
    const Upload upload = co_await hold.take();
    auto remove = [&](Tx& tx) {
        if (!delete_upload(tx, place.tenant, id, {.holder = hold.holder(), .sha256 = {}})) refuse_taken();
    };
    co_await blobs.database().write(std::move(unit), remove);
    hold.close();
    co_await blobs.discard_beside(id.text(), upload.store_state);
}

}  // namespace lodestone::blobs
