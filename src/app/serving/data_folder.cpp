// Opening the data folder, and secrets that exist from the first start on.
#include "app/serving/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/secret_file.hpp"
#include "base/user_name.hpp"

namespace lodestone::app {

namespace {

[[noreturn]] void refuse(const std::string& what, int error) {
    throw Problem(problems::invalid_input, what + ": " + std::strerror(error) + ".");
}

// Who could write here could exchange what we trust: secrets, the database.
void check_is_ours(int fd, const std::string& path) {
    struct stat found{};
    if (::fstat(fd, &found) != 0) refuse("Cannot examine " + path, errno);
    if (found.st_uid != 0 && found.st_uid != ::geteuid()) {
        const std::string owner = find_user_name(found.st_uid);
        throw Problem(problems::invalid_input, path + " belongs to user " + owner +
                                                   ", who is neither this one nor root; run as " + owner +
                                                   ": runuser -u " + owner + " -- lodestone …");
    }
    if ((found.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        throw Problem(problems::invalid_input,
                      path + " can be written to by others; run: chmod go-w " + quote_for_shell(path));
}

// Below `parent`, which the path is relative to; a symbolic link in its place is not followed.
UniqueFd open_private_folder(int parent, const std::string& name, const std::string& path) {
    if (::mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST)
        refuse("Cannot make the data folder " + path, errno);
    UniqueFd folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder.is_open()) refuse("Cannot open the data folder " + path, errno);
    check_is_ours(folder.value(), path);
    return folder;
}

// Of files that others open by their path; none is there before the first start.
void check_file_if_there(int folder, const std::string& name, const std::string& path) {
    const UniqueFd file(
        ::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (file.is_open()) return check_is_ours(file.value(), path);
    if (errno != ENOENT) refuse("Cannot open " + path, errno);
}

// Written beside its place and moved there whole, so that a crash leaves all of it or nothing. A draft that
// is left over keeps neither its content nor its mode.
void write_secret(int folder, const std::string& name, std::string_view text) {
    const std::string draft = name + ".new";
    ::unlinkat(folder, draft.c_str(), 0);
    const UniqueFd file(
        ::openat(folder, draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open() ||
        ::write(file.value(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(file.value()) != 0 || ::renameat(folder, draft.c_str(), folder, name.c_str()) != 0)
        refuse("Cannot write the secret " + name, errno);
}

std::string check_secret(FileText file, const std::string& path) {
    if (!file.text) throw Problem(problems::invalid_input, path + " " + file.fault + ".");
    if (file.text->size() < limits::token_characters)
        throw Problem(problems::invalid_input, path + " holds fewer than " +
                                                   std::to_string(limits::token_characters) +
                                                   " characters; such a secret could be guessed.");
    return std::move(*file.text);
}

}  // namespace

DataFolder::DataFolder(std::string path, Use use) : path_(std::move(path)) {
    while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
    folder_ = open_private_folder(AT_FDCWD, path_, path_);
    secrets_ = open_private_folder(folder_.value(), "secrets", path_ + "/secrets");
    lock_ = UniqueFd(::openat(folder_.value(), "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!lock_.is_open()) refuse("Cannot write to the data folder " + path_, errno);
    check_is_ours(lock_.value(), path_ + "/lock");
    if (use == Use::alone && ::flock(lock_.value(), LOCK_EX | LOCK_NB) != 0)
        throw Problem(problems::invalid_input,
                      "The data folder " + path_ +
                          " is in use by another lodestone. Stop it, or choose another with --data.");
    for (const std::string name : {"lodestone.db", "lodestone.db-wal", "lodestone.db-shm"})
        check_file_if_there(folder_.value(), name, path_ + "/" + name);
}

std::string DataFolder::load_or_make_secret(std::string_view name, Random& random) const {
    return load_or_make_secret(name, random.next_hex(32));
}

std::string DataFolder::load_or_make_secret(std::string_view name, const std::string& made) const {
    const std::string file_name(name);
    const std::string path = secret_path(name);
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    UniqueFd file(::openat(secrets_.value(), file_name.c_str(), flags));
    if (!file.is_open() && errno == ENOENT) {
        write_secret(secrets_.value(), file_name, made + "\n");
        file = UniqueFd(::openat(secrets_.value(), file_name.c_str(), flags));
    }
    if (!file.is_open()) refuse("Cannot open " + path, errno);
    return check_secret(read_open_secret(file.value(), path), path);
}

void DataFolder::remove_secret(std::string_view name) const {
    if (::unlinkat(secrets_.value(), std::string(name).c_str(), 0) != 0 && errno != ENOENT)
        refuse("Cannot remove " + secret_path(name), errno);
}

std::string read_secret(const std::string& path) {
    return check_secret(read_secret_file(path), path);
}

}  // namespace lodestone::app
