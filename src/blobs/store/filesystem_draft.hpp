// Drafts of the filesystem store: files that are hashed while they are written, on worker threads, and
// confirmed by the disk on threads that may wait for it.
#pragma once

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
    // Goes on behind what is there.
    DraftFile(std::shared_ptr<Shelves> shelves, OpenFiles::Place place, RunningDigests digests, UniqueFd file,
              std::uint64_t size_bytes)
        : shelves_(std::move(shelves)),
          place_(std::move(place)),
          digests_(std::move(digests)),
          file_(std::move(file)),
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

  private:
    void need_file();

    std::shared_ptr<Shelves> shelves_;
    OpenFiles::Place place_;
    RunningDigests digests_;
    UniqueFd file_;
    std::string tmp_name_;
    std::uint64_t size_bytes_ = 0;
    std::uint64_t begun_bytes_ = 0;  // which the disk has been told to begin with
    std::uint64_t limit_bytes_ = 0;
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

  private:
    void begin_step();

    std::shared_ptr<DraftFile> file_;
    BlobId id_;
    bool is_spent_ = false;  // published, or failed: a thread may still be at the file
};

}  // namespace lodestone::blobs
