// Drafts of the filesystem store: files that are hashed while they are written, on worker threads, and
// confirmed by the disk on threads that may wait for it.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/piece_line.hpp"
#include "blobs/store/open_files.hpp"
#include "blobs/store/shelves.hpp"
#include "blobs/store/store.hpp"

namespace lodestone::blobs {

// Used by one thread at a time. Whoever abandons it while a worker is at it leaves it to the worker.
class DraftFile final : public PieceTaker {
  public:
    // The file is made when the first bytes come.
    DraftFile(std::shared_ptr<Shelves> shelves, OpenFiles::Place place, RunningDigests digests)
        : shelves_(std::move(shelves)), place_(std::move(place)), digests_(std::move(digests)) {}
    // Of an upload session, which goes on behind what is there.
    struct Named {
        std::string name;
        UniqueFd file;
    };
    DraftFile(std::shared_ptr<Shelves> shelves, OpenFiles::Place place, RunningDigests digests, Named opened,
              std::uint64_t size_bytes)
        : shelves_(std::move(shelves)),
          place_(std::move(place)),
          digests_(std::move(digests)),
          name_(std::move(opened.name)),
          file_(std::move(opened.file)),
          size_bytes_(size_bytes),
          begun_bytes_(size_bytes) {}
    ~DraftFile() override;
    DraftFile(const DraftFile&) = delete;
    DraftFile& operator=(const DraftFile&) = delete;

    void set_limit(std::uint64_t limit_bytes) { limit_bytes_ = limit_bytes; }
    void take(std::string_view piece) override;
    void keep();
    void publish(const BlobKey& key);

    std::uint64_t size_bytes() const { return size_bytes_; }
    const RunningDigests& digests() const { return digests_; }
    Shelves& shelves() { return *shelves_; }
    bool is_lost() const { return is_lost_; }

  private:
    void need_file();
    // Nothing of the file is believed any more, neither what this request has written nor what was kept
    // before.
    [[noreturn]] void lose(int error, std::string_view what);

    std::shared_ptr<Shelves> shelves_;
    OpenFiles::Place place_;
    RunningDigests digests_;
    const std::string name_;  // of its upload session; empty: it has none
    UniqueFd file_;
    std::string tmp_name_;
    std::uint64_t size_bytes_ = 0;
    std::uint64_t begun_bytes_ = 0;  // which the disk has been told to begin with
    std::uint64_t limit_bytes_ = 0;
    std::atomic<bool> is_lost_{false};  // a worker may be at it when it is asked
};

class FilesystemDraft final : public Draft {
  public:
    FilesystemDraft(std::shared_ptr<DraftFile> file, BlobId id) : file_(std::move(file)), id_(id) {}

    Task<> append(http::BodySource& source, std::uint64_t limit_bytes) override;
    Task<> keep() override;
    BlobId id() const override { return id_; }
    std::uint64_t size_bytes() const override { return file_->size_bytes(); }
    Digests digests() const override;
    DraftProgress progress() const override;
    Task<> publish(const BlobKey& key) override;
    bool is_lost() const override { return file_->is_lost(); }

  private:
    void begin_step();

    std::shared_ptr<DraftFile> file_;
    BlobId id_;
    bool is_spent_ = false;  // published, or failed: a thread may still be at the file
};

}  // namespace lodestone::blobs
