// The folders of the filesystem store, and how a file comes to stand in them for good.
//
//   DIR/tmp/          drafts, where the file system has no files without a name; swept at the start
//   DIR/uploads/ID    what has come of an upload session
//   DIR/sha256/ab/    blobs, by their keys
//   DIR/name          what the folder is called
//
// Shared by the store and its drafts, which may outlive it by a moment.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/context.hpp"
#include "base/unique_fd.hpp"
#include "blobs/store/blob_key.hpp"
#include "blobs/store/disk.hpp"
#include "blobs/store/storage_health.hpp"
#include "blobs/store/sync_threads.hpp"

namespace lodestone {
class WorkerThreads;
}

namespace lodestone::blobs {

class Shelves {
  public:
    // Makes what is not there. Throws Problem(invalid_input) when it cannot be written to.
    Shelves(std::string path, Context& context, WorkerThreads& workers, Disk* disk);

    // A file that nobody can find, or whose name is to be removed. Throws like everything below.
    struct Nameless {
        UniqueFd file;
        std::string name;  // in tmp(); empty where files need none
    };
    Nameless open_nameless();
    // The content is on the disk. What it fails of is answered, and final: nothing of the file is to be
    // believed any more.
    int confirm(int file);
    // What was confirmed is found under the key, and stays so. Finding it there already is fine if it is the
    // same file.
    void put(int file, const BlobKey& key);
    // Whether the disk is to blame, and not that it is full, or that there is too much to do.
    static bool is_fault(int error);
    // Of the folder that stands at the path now; these are its shelves from then on.
    std::optional<std::string> find_name();
    void give_name(const std::string& name);
    void probe();  // whether anything can be written, for health

    // Throws Problem(storage_full), or notes that the storage is not well and throws Problem(unavailable).
    [[noreturn]] void fail(int error, std::string_view what);

    // A draft in uploads(). Answers 0 or an errno; one that is not there is fine.
    int remove_draft(const std::string& name);
    // Removes one that nothing is to be believed of. If that fails, too, it counts as gone until it is.
    void give_up_draft(const std::string& name);
    bool is_given_up(const std::string& name);

    int uploads() const { return uploads_.value(); }
    int tmp() const { return tmp_.value(); }
    int blobs() const { return blobs_.value(); }
    Disk& disk() { return disk_; }
    SyncThreads& syncs() { return syncs_; }
    StorageHealth& health() { return health_; }
    WorkerThreads& workers() { return workers_; }

  private:
    UniqueFd open_folder(int parent, const std::string& name);
    void follow_path();
    bool has_nameless_files();
    void sweep_tmp();
    UniqueFd make_folder_of(const std::string& name);
    void sync_path(int folder, const BlobKey& key);
    void check_same_file(int file, const std::string& name);

    const std::string path_;
    Context& context_;
    WorkerThreads& workers_;
    Disk own_disk_;
    Disk& disk_;
    StorageHealth health_;
    SyncThreads syncs_;
    UniqueFd root_;
    UniqueFd tmp_;
    UniqueFd uploads_;
    UniqueFd blobs_;
    std::atomic<bool> is_nameless_{false};
    std::mutex mutex_;
    std::set<std::string> given_up_;  // that the disk would not remove
    // Of which folders in blobs() the disk has confirmed since the start that they are there.
    std::array<std::atomic<bool>, 256> confirmed_;
};

}  // namespace lodestone::blobs
