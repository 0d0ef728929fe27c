// Drafts of the S3 store. What is enough for a part is sent as one, the rest stays in memory; a named draft
// puts it into an object of its own, so that another node can go on.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/piece_line.hpp"
#include "base/resumable_digest.hpp"
#include "blobs/store/part_budget.hpp"
#include "blobs/store/s3_upload.hpp"
#include "blobs/store/store.hpp"

namespace lodestone {
class WorkerThreads;
}

namespace lodestone::blobs {

// What all drafts of one store share; lives as long as any of them.
struct S3Shared {
    S3Shared(S3Options options, http::Client& client, WorkerThreads& worker_threads, LoopExecutor executor,
             Context& context)
        : bucket(std::make_shared<S3Bucket>(std::move(options), client, context)),
          budget(std::make_shared<PartBudget>(bucket->options().buffer_bytes)),
          workers(worker_threads),
          background(executor) {}
    std::shared_ptr<S3Bucket> bucket;
    std::shared_ptr<PartBudget> budget;
    WorkerThreads& workers;
    LoopExecutor background;  // for what nobody waits for

    std::mutex mutex;
    std::set<std::string> open;  // named drafts that somebody has open
};

// Holds what is not sent yet, and all digests; used by one thread at a time.
class S3Part final : public PieceTaker {
  public:
    explicit S3Part(RunningDigests digests, std::uint64_t size_bytes)
        : digests_(std::move(digests)), size_bytes_(size_bytes) {}

    void take(std::string_view piece) override;
    // From here on `take` is given what was taken once already: it counts for the part alone.
    void set_repeating(bool is_repeating) { is_repeating_ = is_repeating; }
    void set_limit(std::uint64_t limit_bytes) { limit_bytes_ = limit_bytes; }
    void reserve(std::size_t size_bytes) { bytes_.reserve(size_bytes); }
    // The part begins anew, and is not the whole any more.
    void clear();
    S3Bytes bytes() const;
    // Of what is held, after it was repeated.
    std::string repeated_sha256() const;

    std::size_t held_bytes() const { return bytes_.size(); }
    std::uint64_t size_bytes() const { return size_bytes_; }  // of the whole
    const RunningDigests& digests() const { return digests_; }

  private:
    RunningDigests digests_;
    std::uint64_t size_bytes_;
    std::uint64_t limit_bytes_ = 0;
    bool is_repeating_ = false;
    std::string bytes_;
    ResumableDigest sha256_{DigestKind::sha256};
    ResumableDigest md5_{DigestKind::md5};
};

class S3Draft final : public Draft {
  public:
    // `name`: empty for an anonymous one. `is_complete`: what was noted is the whole, and stored as such.
    S3Draft(std::shared_ptr<S3Shared> shared, std::string name, DraftProgress progress,
            RunningDigests digests, S3State state, bool is_complete);
    ~S3Draft() override;
    S3Draft(const S3Draft&) = delete;
    S3Draft& operator=(const S3Draft&) = delete;

    // Of a draft that is opened again: the bytes that were too few for a part. False when they are gone.
    Task<bool> load_tail();

    Task<> append(http::BodySource& source, std::uint64_t limit_bytes) override;
    Task<> keep() override;
    BlobId id() const override { return id_; }
    std::uint64_t size_bytes() const override { return part_->size_bytes(); }
    Digests digests() const override { return part_->digests().digests(); }
    DraftProgress progress() const override;
    Task<> publish(const BlobKey& key) override;
    bool is_published_by_id() const override { return !state_.upload_id.empty(); }

  private:
    void begin_step();
    void check_room(const http::BodySource& source, std::uint64_t limit_bytes) const;
    std::size_t wanted_bytes() const;  // of the next part
    Task<> make_room();
    Task<> take_share(std::uint64_t size_bytes);
    Task<> send_part();
    Task<> keep_tail();
    S3Bucket& bucket() { return *shared_->bucket; }

    std::shared_ptr<S3Shared> shared_;
    std::string name_;
    BlobId id_;
    S3State state_;
    std::shared_ptr<S3Part> part_;
    PartBudget::Share share_;
    std::uint64_t room_bytes_;
    std::uint64_t kept_tail_at_ = 0;  // the size at which the tail was kept that progress() tells of; 0: none
    std::string kept_upload_;         // the upload that progress() may have been noted with
    bool is_complete_;
    bool is_spent_ = false;  // published, or failed
    bool is_published_ = false;
};

}  // namespace lodestone::blobs
