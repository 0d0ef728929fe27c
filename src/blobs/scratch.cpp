// A file is made without a name, or loses it at once where the file system knows no files without one.
#include "blobs/scratch.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/problem.hpp"
#include "blobs/store/disk.hpp"

namespace lodestone::blobs {

namespace {

std::string choose_folder(std::string asked) {
    if (!asked.empty()) return asked;
    std::error_code ignored;
    return std::filesystem::temp_directory_path(ignored);
}

// One that is at work for minutes leaves another.
std::size_t count_threads() {
    return std::max<std::size_t>(limits::scratch_threads_least, std::thread::hardware_concurrency());
}

UniqueFd open_nameless(const std::string& folder) {
    UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file.is_open() || errno == ENOENT || errno == EMFILE || errno == ENFILE || errno == ENOSPC)
        return file;
    std::string name = folder + "/spool-XXXXXX";
    file = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
    const int error = errno;
    if (file.is_open()) ::unlink(name.c_str());
    errno = error;
    return file;
}

}  // namespace

Scratch::Scratch(std::string folder)
    : folder_(choose_folder(std::move(folder))), threads_(count_threads()), inspectors_(count_threads()) {}

UniqueFd Scratch::open_file() const {
    UniqueFd file = open_nameless(folder_);
    if (!file.is_open() && errno == ENOENT && (::mkdir(folder_.c_str(), 0700) == 0 || errno == EEXIST))
        file = open_nameless(folder_);
    if (!file.is_open()) refuse_scratch(errno, "making a temporary file");
    return file;
}

void refuse_scratch(int error, std::string_view what) {
    const std::string internal = std::string(what) + ": " + describe_error(error);
    if (error == ENOSPC || error == EDQUOT || error == EFBIG)
        throw Problem(problems::storage_full, "There is no room for the file: make some and send it again.")
            .with_internal(internal);
    throw Problem(problems::unavailable, "The file could not be kept; send it again in a moment.")
        .with_internal(internal);
}

}  // namespace lodestone::blobs
