// Reading begins on the loop where the kernel has the name in memory already, as it has nearly always; all
// else that touches the disk runs on the sync threads.
#include "blobs/store/filesystem_store.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/ensure.hpp"
#include "base/id.hpp"
#include "base/problem.hpp"
#include "blobs/store/filesystem_draft.hpp"
#include "blobs/store/open_files.hpp"
#include "blobs/store/shelves.hpp"

namespace lodestone::blobs {

namespace {

constexpr int read_flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC;

// Without waiting for a disk. What this does not answer, the sync threads ask in the other way: EAGAIN when
// the name is not in memory, ENOSYS or EPERM where the call is not to be had.
int open_cached(int folder, const std::string& name) {
    open_how how{};
    how.flags = read_flags;
    how.resolve = RESOLVE_CACHED | RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    return static_cast<int>(::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how));
}

// What is sent, with its place among the open files.
struct HeldFile {
    UniqueFd file;
    OpenFiles::Place place;
};

// When the file was written, named, or put back from a backup: whatever happened last. Nothing: it is gone.
std::optional<Time> find_change_time(int folder, const std::string& name) {
    struct stat found{};
    if (::fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) return std::nullopt;
    return Time(std::chrono::seconds(found.st_ctim.tv_sec));
}

void check_name(const std::string& name) {
    ensure(is_id_text(name), "drafts are named by ids");
}

}  // namespace

class FilesystemStore final : public Store {
  public:
    FilesystemStore(std::shared_ptr<Shelves> shelves, std::size_t open_files)
        : shelves_(std::move(shelves)), open_files_(open_files) {}
    ~FilesystemStore() override { shelves_->syncs().stop(); }
    FilesystemStore(const FilesystemStore&) = delete;
    FilesystemStore& operator=(const FilesystemStore&) = delete;

    Task<std::unique_ptr<Draft>> begin(DraftOptions options) override {
        auto file = std::make_shared<DraftFile>(shelves_, open_files_.take(), RunningDigests(options.also));
        co_return std::make_unique<FilesystemDraft>(std::move(file), options.id);
    }

    Task<std::unique_ptr<Draft>> reopen(const std::string& name, DraftProgress progress) override {
        check_name(name);
        auto digests = RunningDigests::restore(progress.digest_state);
        ensure(digests.has_value(), "what a draft has taken was noted as it was saved");
        OpenFiles::Place place = open_files_.take();
        auto job = [shelves = shelves_, name, size = progress.size_bytes] {
            return open_draft(*shelves, name, size);
        };
        UniqueFd opened = co_await shelves_->syncs().run(std::move(job));
        DraftFile::Named named{.name = name, .file = std::move(opened)};
        auto file = std::make_shared<DraftFile>(shelves_, std::move(place), std::move(*digests),
                                                std::move(named), progress.size_bytes);
        co_return std::make_unique<FilesystemDraft>(std::move(file), progress.id);
    }

    Task<> discard(const std::string& name, const std::string& /*store_state*/) override {
        check_name(name);
        auto job = [shelves = shelves_, name] {
            if (const int error = shelves->remove_draft(name); error != 0)
                shelves->fail(error, "removing a draft");
        };
        co_await shelves_->syncs().run(std::move(job));
    }

    Task<> put_small(const BlobKey& key, std::string bytes) override {
        auto job = [shelves = shelves_, key, bytes = std::move(bytes)] { put_whole(*shelves, key, bytes); };
        co_await shelves_->syncs().run(std::move(job));
    }

    Task<std::optional<http::ResponseBody>> open(const BlobKey& key) override {
        std::string name = render_blob_key(key);
        OpenFiles::Place place = open_files_.take();
        UniqueFd file(open_cached(shelves_->blobs(), name));
        if (!file.is_open() && errno != ENOENT) {
            auto job = [shelves = shelves_, name = std::move(name)] { return open_waiting(*shelves, name); };
            file = co_await shelves_->syncs().run(std::move(job));
        }
        if (!file.is_open()) co_return std::nullopt;
        struct stat found{};
        if (::fstat(file.value(), &found) != 0) shelves_->fail(errno, "examining a file");
        auto held = std::make_shared<const HeldFile>(std::move(file), std::move(place));
        co_return http::FileSlice{.file = {held, &held->file},
                                  .offset = 0,
                                  .size_bytes = static_cast<std::uint64_t>(found.st_size)};
    }

    Task<std::optional<std::uint64_t>> stat(const BlobKey& key) override {
        const auto body = co_await open(key);
        if (!body) co_return std::nullopt;
        co_return std::get<http::FileSlice>(*body).size_bytes;
    }

    Task<> remove(const BlobKey& key) override {
        auto job = [shelves = shelves_, name = render_blob_key(key)] {
            const int error = shelves->disk().remove_file(shelves->blobs(), name);
            if (error != 0 && error != ENOENT) shelves->fail(error, "removing a file");
        };
        co_await shelves_->syncs().run(std::move(job));
    }

    Task<std::vector<StoredBlob>> list(const std::string& slice, std::size_t limit) override {
        auto job = [shelves = shelves_, slice, limit] { return list_slice(*shelves, slice, limit); };
        co_return co_await shelves_->syncs().run(std::move(job));
    }

    Task<std::vector<std::string>> list_drafts(Time before, std::size_t limit) override {
        auto job = [shelves = shelves_, before, limit] { return list_uploads(*shelves, before, limit); };
        co_return co_await shelves_->syncs().run(std::move(job));
    }

    Task<std::optional<std::string>> find_name() override {
        auto job = [shelves = shelves_] { return shelves->find_name(); };
        co_return co_await shelves_->syncs().run(std::move(job));
    }
    Task<> give_name(std::string name) override {
        auto job = [shelves = shelves_, name = std::move(name)] { shelves->give_name(name); };
        co_await shelves_->syncs().run(std::move(job));
    }

    Task<std::optional<std::uint64_t>> find_room() override {
        auto job = [shelves = shelves_]() -> std::optional<std::uint64_t> {
            std::uint64_t bytes = 0;
            if (shelves->disk().find_room(shelves->blobs(), bytes) != 0) return std::nullopt;
            return bytes;
        };
        co_return co_await shelves_->syncs().run(std::move(job));
    }

    std::optional<std::string> find_fault() override {
        return shelves_->health().find_fault(
            [shelves = shelves_] { shelves->syncs().submit([shelves] { shelves->probe(); }); });
    }

    void stop() override { shelves_->syncs().stop(); }

  private:
    static UniqueFd open_draft(Shelves& shelves, const std::string& name, std::uint64_t size_bytes);
    static UniqueFd open_waiting(Shelves& shelves, const std::string& name);
    static void put_whole(Shelves& shelves, const BlobKey& key, std::string_view bytes);
    static std::vector<StoredBlob> list_slice(Shelves& shelves, const std::string& slice, std::size_t limit);
    static std::vector<std::string> list_uploads(Shelves& shelves, Time before, std::size_t limit);

    std::shared_ptr<Shelves> shelves_;
    OpenFiles open_files_;
};

// The lock goes with the last descriptor: whoever was thought to be gone, and is still writing, keeps the
// draft to himself.
UniqueFd FilesystemStore::open_draft(Shelves& shelves, const std::string& name, std::uint64_t size_bytes) {
    const int made = size_bytes == 0 ? O_CREAT : 0;
    const auto open = [&] {
        return UniqueFd(
            ::openat(shelves.uploads(), name.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | made, 0600));
    };
    UniqueFd file = open();
    // It was about to be published, and is protected already.
    if (!file.is_open() && errno == EACCES && ::fchmodat(shelves.uploads(), name.c_str(), 0600, 0) == 0)
        file = open();
    const bool is_absent = (!file.is_open() && errno == ENOENT) || shelves.is_given_up(name);
    if (!file.is_open() && !is_absent) shelves.fail(errno, "opening a draft");
    struct stat found{};
    if (!is_absent && ::fstat(file.value(), &found) != 0) shelves.fail(errno, "examining a draft");
    if (is_absent || static_cast<std::uint64_t>(found.st_size) < size_bytes)
        throw Problem(problems::not_found, "The bytes of this upload are gone; begin it again.");
    if (::flock(file.value(), LOCK_EX | LOCK_NB) != 0)
        throw Problem(
            problems::conflict,
            "Another request is at work on this upload; wait for it to end, and go on where it stopped.");
    if (::ftruncate(file.value(), static_cast<off_t>(size_bytes)) != 0)
        shelves.fail(errno, "cutting a draft");
    return file;
}

UniqueFd FilesystemStore::open_waiting(Shelves& shelves, const std::string& name) {
    UniqueFd file(::openat(shelves.blobs(), name.c_str(), read_flags));
    if (!file.is_open() && errno != ENOENT) shelves.fail(errno, "opening a file");
    return file;
}

void FilesystemStore::put_whole(Shelves& shelves, const BlobKey& key, std::string_view bytes) {
    const Shelves::Nameless made = shelves.open_nameless();
    struct Named {
        Shelves& shelves;
        const std::string& name;
        ~Named() {
            if (!name.empty()) shelves.disk().remove_file(shelves.tmp(), name);
        }
    } const named{shelves, made.name};
    if (const int error = shelves.disk().write_at(made.file.value(), bytes, 0); error != 0)
        shelves.fail(error, "writing a file");
    if (const int error = shelves.confirm(made.file.value()); error != 0)
        shelves.fail(error, "confirming a file");
    shelves.put(made.file.value(), key);
}

std::vector<StoredBlob> FilesystemStore::list_slice(Shelves& shelves, const std::string& slice,
                                                    std::size_t limit) {
    ensure(slice.size() >= 2, "a slice is two digits or more");
    std::vector<StoredBlob> listed;
    std::error_code error;
    const std::string folder = slice.substr(0, 2) + "/";
    const std::string root = "/proc/self/fd/" + std::to_string(shelves.blobs()) + "/" + folder;
    for (const auto& file : std::filesystem::directory_iterator(root, error)) {
        if (listed.size() == limit) break;
        const std::string name = folder + file.path().filename().string();
        if (!std::string_view(name).substr(folder.size()).starts_with(slice)) continue;
        // A file of another name is none of ours.
        const auto key = parse_blob_key(name);
        const auto stored_at = key ? find_change_time(shelves.blobs(), name) : std::nullopt;
        if (stored_at) listed.push_back({.key = *key, .stored_at = *stored_at});
    }
    return listed;
}

std::vector<std::string> FilesystemStore::list_uploads(Shelves& shelves, Time before, std::size_t limit) {
    std::vector<std::string> listed;
    std::error_code error;
    const std::string root = "/proc/self/fd/" + std::to_string(shelves.uploads());
    for (const auto& file : std::filesystem::directory_iterator(root, error)) {
        if (listed.size() == limit) break;
        std::string name = file.path().filename();
        if (!is_id_text(name)) continue;
        const auto stored_at = find_change_time(shelves.uploads(), name);
        if (stored_at && *stored_at < before) listed.push_back(std::move(name));
    }
    return listed;
}

std::unique_ptr<Store> open_filesystem_store(const FilesystemOptions& options, WorkerThreads& workers,
                                             Context& context) {
    return std::make_unique<FilesystemStore>(
        std::make_shared<Shelves>(options.folder, context, workers, options.disk), options.open_files);
}

}  // namespace lodestone::blobs
