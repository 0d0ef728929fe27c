// Making, remembering and recognising the database's file.
#include "db/sqlite/database_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "base/problem.hpp"
#include "base/unique_fd.hpp"

namespace lodestone::db {

namespace {

constexpr const char* shared_memory = "/dev/shm";

std::string make_temporary_folder() {
    const bool has_memory = ::access(shared_memory, W_OK | X_OK) == 0;
    const std::filesystem::path parent =
        has_memory ? std::filesystem::path(shared_memory) : std::filesystem::temp_directory_path();
    std::string folder = (parent / "lodestone-db-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr)
        throw Problem(problems::unavailable, "Cannot make a folder for a database in memory: " +
                                                 std::generic_category().message(errno) + ".");
    return folder;
}

}  // namespace

DatabasePath::DatabasePath(const std::string& path) : path_(path) {
    if (path != ":memory:") return;
    folder_ = make_temporary_folder();
    path_ = folder_ + "/lodestone.db";
}

DatabasePath::~DatabasePath() {
    std::error_code ignored;
    if (is_temporary()) std::filesystem::remove_all(folder_, ignored);
}

// Any failure but "it is there" shows again, in SQLite's words, when it opens the file.
void DatabasePath::make_private() const {
    const UniqueFd made(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
}

void DatabasePath::remember() {
    struct stat found{};
    if (::stat(path_.c_str(), &found) != 0) return;
    device_ = found.st_dev;
    number_ = found.st_ino;
}

std::optional<std::string> DatabasePath::find_fault() const {
    struct stat found{};
    if (::stat(path_.c_str(), &found) != 0) return "the database file is gone";
    if (found.st_dev != device_ || found.st_ino != number_) return "another file took the database's place";
    return std::nullopt;
}

std::int64_t DatabasePath::wal_bytes() const {
    struct stat found{};
    return ::stat((path_ + "-wal").c_str(), &found) == 0 ? found.st_size : 0;
}

}  // namespace lodestone::db
