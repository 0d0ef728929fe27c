// Opening the data folder, and secrets that exist from the first start on.
#include "app/serving/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/config/config_files.hpp"
#include "base/problem.hpp"

namespace lodestone::app {

namespace {

[[noreturn]] void refuse(const std::string& what, int error) {
    throw Problem(problems::invalid_input, what + ": " + std::strerror(error) + ".");
}

void make_private_folder(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        refuse("Cannot make the data folder " + path, errno);
}

// Written beside its place and moved there whole, so that a crash leaves all of it or nothing. A draft that
// is left over keeps neither its content nor its mode.
void write_secret(const std::string& path, std::string_view text) {
    const std::string draft = path + ".new";
    ::unlink(draft.c_str());
    const UniqueFd file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.is_open() ||
        ::write(file.value(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(file.value()) != 0 || ::rename(draft.c_str(), path.c_str()) != 0)
        refuse("Cannot write " + path, errno);
}

}  // namespace

DataFolder::DataFolder(std::string path) : path_(std::move(path)) {
    while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
    make_private_folder(path_);
    make_private_folder(path_ + "/secrets");
    const std::string lock_path = path_ + "/lock";
    lock_ = UniqueFd(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!lock_.is_open()) refuse("Cannot write to the data folder " + path_, errno);
    if (::flock(lock_.value(), LOCK_EX | LOCK_NB) != 0)
        throw Problem(problems::invalid_input,
                      "The data folder " + path_ +
                          " is in use by another lodestone. Stop it, or choose another with --data.");
}

std::string DataFolder::load_or_make_secret(std::string_view name, Random& random) const {
    const std::string path = path_ + "/secrets/" + std::string(name);
    if (::access(path.c_str(), F_OK) != 0) write_secret(path, random.next_hex(32) + "\n");
    return read_secret(path);
}

std::string read_secret(const std::string& path) {
    FileText file = read_secret_file(path);
    if (!file.text) throw Problem(problems::invalid_input, path + " " + file.fault + ".");
    if (file.text->empty())
        throw Problem(problems::invalid_input, path + " is empty; it should hold a secret.");
    return std::move(*file.text);
}

}  // namespace lodestone::app
