// A blob is put where it is found in this order: its content confirmed, its name made, the name confirmed,
// and the folder's own, where it may be new.
#include "blobs/store/shelves.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/blob_limits.hpp"
#include "base/clock.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"

namespace lodestone::blobs {

namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr mode_t blob_mode = 0400;
constexpr const char* name_file = "name";

bool is_full(int error) {
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}
bool is_busy(int error) {
    return error == EMFILE || error == ENFILE || error == ENOMEM;
}

}  // namespace

Shelves::Shelves(std::string path, Context& context, WorkerThreads& workers, Disk* disk)
    : path_(std::move(path)),
      context_(context),
      workers_(workers),
      disk_(disk != nullptr ? *disk : own_disk_),
      health_(context.clock) {
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
    root_ = open_folder(AT_FDCWD, path_);
    tmp_ = open_folder(root_.value(), "tmp");
    uploads_ = open_folder(root_.value(), "uploads");
    blobs_ = open_folder(root_.value(), "sha256");
    is_nameless_ = has_nameless_files();
    sweep_tmp();
}

UniqueFd Shelves::open_folder(int parent, const std::string& name) {
    const int made = disk_.make_folder(parent, name);
    UniqueFd folder(::openat(parent, name.c_str(), folder_flags));
    const int error = made != 0 && made != EEXIST ? made : errno;
    if (!folder.is_open())
        throw Problem(problems::invalid_input,
                      "Cannot open the folder for blobs, " + path_ + ": " + describe_error(error) + ".");
    return folder;
}

// Not every file system has them, and not every container shows /proc.
bool Shelves::has_nameless_files() {
    const UniqueFd file(::openat(tmp_.value(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, blob_mode));
    const std::string name = "probe-" + context_.random.next_hex(8);
    if (!file.is_open() || disk_.link_file(file.value(), tmp_.value(), name) != 0) return false;
    disk_.remove_file(tmp_.value(), name);
    return true;
}

// Another node may share the folder and have drafts there: only old ones are nobody's.
void Shelves::sweep_tmp() {
    std::error_code error;
    const auto oldest = std::chrono::file_clock::now() - limits::leftover_draft_age;
    for (const auto& entry : std::filesystem::directory_iterator(path_ + "/tmp", error))
        if (const auto written = entry.last_write_time(error); !error && written < oldest)
            disk_.remove_file(tmp_.value(), entry.path().filename());
}

Shelves::Nameless Shelves::open_nameless() {
    Nameless made;
    if (is_nameless_) {
        made.file = UniqueFd(::openat(tmp_.value(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, blob_mode));
    } else {
        made.name = context_.random.next_hex(16);
        made.file = UniqueFd(
            ::openat(tmp_.value(), made.name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, blob_mode));
    }
    if (!made.file.is_open()) fail(errno, "making a file");
    return made;
}

UniqueFd Shelves::make_folder_of(const std::string& name) {
    const std::string folder = name.substr(0, name.find('/'));
    UniqueFd opened(::openat(blobs_.value(), folder.c_str(), folder_flags));
    if (opened.is_open()) return opened;
    if (const int error = disk_.make_folder(blobs_.value(), folder); error != 0 && error != EEXIST)
        fail(error, "making a folder");
    opened = UniqueFd(::openat(blobs_.value(), folder.c_str(), folder_flags));
    if (!opened.is_open()) fail(errno, "opening a folder");
    return opened;
}

// Whoever finds a folder made cannot know whether the disk has confirmed it yet, unless somebody has noted
// so.
void Shelves::sync_path(int folder, const BlobKey& key) {
    if (const int error = disk_.sync_folder(folder); error != 0) fail(error, "confirming a name");
    auto& is_confirmed = confirmed_[key.sha256[0]];
    if (is_confirmed.load()) return;
    if (const int error = disk_.sync_folder(blobs_.value()); error != 0) fail(error, "confirming a folder");
    is_confirmed.store(true);
}

void Shelves::check_same_file(int file, const std::string& name) {
    struct stat ours{};
    struct stat found{};
    if (::fstat(file, &ours) != 0 ||
        ::fstatat(blobs_.value(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
        fail(errno, "examining a file");
    if (ours.st_ino != found.st_ino || ours.st_dev != found.st_dev) fail(EEXIST, "naming a file");
}

// A kernel that could not write a page forgets that it should have, and says so once: asked again it confirms
// what is not there.
int Shelves::confirm(int file) {
    return disk_.sync_file(file);
}

void Shelves::put(int file, const BlobKey& key) {
    const std::string name = render_blob_key(key);
    if (::fchmod(file, blob_mode) != 0) fail(errno, "protecting a file");
    const UniqueFd folder = make_folder_of(name);
    const int error = disk_.link_file(file, blobs_.value(), name);
    if (error == EEXIST)
        check_same_file(file, name);
    else if (error != 0)
        fail(error, "naming a file");
    // What is not confirmed must not be found either.
    struct Unnamed {
        Shelves& shelves;
        const std::string& name;
        bool is_confirmed = false;
        ~Unnamed() {
            if (!is_confirmed) shelves.disk_.remove_file(shelves.blobs_.value(), name);
        }
    } named{*this, name};
    sync_path(folder.value(), key);
    named.is_confirmed = true;
    health_.note_success();
}

// What stood there before is given up with everything that was open in it: a mount that was missing has come
// back, or a disk that had failed. The descriptors keep their numbers, so that nobody who uses one has to
// wait for this; who uses two of them in this moment may fail (EXDEV), and is told so.
void Shelves::follow_path() {
    const UniqueFd root(::openat(AT_FDCWD, path_.c_str(), folder_flags));
    struct stat ours{};
    struct stat there{};
    if (!root.is_open() || ::fstat(root.value(), &there) != 0) fail(errno, "opening the folder");
    const bool is_known = ::fstat(root_.value(), &ours) == 0;
    if (is_known && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev) return;
    const UniqueFd tmp = open_folder(root.value(), "tmp");
    const UniqueFd uploads = open_folder(root.value(), "uploads");
    const UniqueFd blobs = open_folder(root.value(), "sha256");
    ::dup3(root.value(), root_.value(), O_CLOEXEC);
    ::dup3(tmp.value(), tmp_.value(), O_CLOEXEC);
    ::dup3(uploads.value(), uploads_.value(), O_CLOEXEC);
    ::dup3(blobs.value(), blobs_.value(), O_CLOEXEC);
    for (auto& confirmed : confirmed_) confirmed.store(false);
    is_nameless_ = has_nameless_files();
}

std::optional<std::string> Shelves::find_name() {
    follow_path();
    const UniqueFd file(::openat(root_.value(), name_file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file.is_open() && errno == ENOENT) return std::nullopt;
    std::string text(limits::storage_name_bytes, '\0');
    const ssize_t got = file.is_open() ? ::read(file.value(), text.data(), text.size()) : -1;
    if (got < 0) fail(errno, "reading the folder's name");
    text.resize(static_cast<std::size_t>(got));
    // A crash may have left it empty.
    if (!text.ends_with('\n')) return std::nullopt;
    text.pop_back();
    return text;
}

void Shelves::give_name(const std::string& name) {
    const std::string draft = std::string(name_file) + "-" + context_.random.next_hex(8);
    const UniqueFd file(
        ::openat(root_.value(), draft.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600));
    if (!file.is_open()) fail(errno, "naming the folder");
    int error = disk_.write_at(file.value(), name + "\n", 0);
    if (error == 0) error = confirm(file.value());
    if (error == 0 && ::renameat(root_.value(), draft.c_str(), root_.value(), name_file) != 0) error = errno;
    if (error == 0) error = disk_.sync_folder(root_.value());
    if (error == 0) return;
    disk_.remove_file(root_.value(), draft);
    fail(error, "naming the folder");
}

void Shelves::probe() {
    UniqueFd file(::openat(tmp_.value(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, blob_mode));
    std::string name;
    if (!file.is_open()) {
        name = context_.random.next_hex(16);
        file =
            UniqueFd(::openat(tmp_.value(), name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, blob_mode));
    }
    const bool is_well = file.is_open() && disk_.write_at(file.value(), "probe", 0) == 0 &&
                         disk_.sync_file(file.value()) == 0 && disk_.sync_folder(tmp_.value()) == 0;
    if (!name.empty()) disk_.remove_file(tmp_.value(), name);
    if (is_well) health_.note_success();
}

int Shelves::remove_draft(const std::string& name) {
    int error = disk_.remove_file(uploads_.value(), name);
    if (error == ENOENT) error = 0;
    if (error != 0) return error;
    const std::lock_guard lock(mutex_);
    given_up_.erase(name);
    return 0;
}

void Shelves::give_up_draft(const std::string& name) {
    if (remove_draft(name) == 0) return;
    const std::lock_guard lock(mutex_);
    given_up_.insert(name);
}

bool Shelves::is_given_up(const std::string& name) {
    const std::lock_guard lock(mutex_);
    return given_up_.contains(name);
}

bool Shelves::is_fault(int error) {
    return !is_full(error) && !is_busy(error);
}

void Shelves::fail(int error, std::string_view what) {
    const std::string internal = std::string(what) + ": " + describe_error(error);
    if (is_full(error))
        throw Problem(problems::storage_full, "There is no room for the file: make some and send it again.")
            .with_internal(internal);
    if (is_busy(error))
        throw Problem(problems::unavailable,
                      "The server has more to do than it can just now; try again in a moment.")
            .with_internal(internal);
    health_.note_failure("the storage for blobs has failed: " + internal);
    throw Problem(problems::unavailable, "The file could not be stored; send it again in a moment.")
        .with_internal(internal);
}

}  // namespace lodestone::blobs
