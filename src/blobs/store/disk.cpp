// The calls that the kernel has for it.
#include "blobs/store/disk.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace lodestone::blobs {

int Disk::write_at(int file, std::string_view bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return 0;
}

// Without waiting for anything: that would take the file's error away from sync_file().
void Disk::begin_writing(int file, std::uint64_t offset, std::uint64_t size_bytes) {
    ::sync_file_range(file, static_cast<off64_t>(offset), static_cast<off64_t>(size_bytes),
                      SYNC_FILE_RANGE_WRITE);
}

int Disk::sync_file(int file) {
    return ::fdatasync(file) == 0 ? 0 : errno;
}

int Disk::sync_folder(int folder) {
    return ::fsync(folder) == 0 ? 0 : errno;
}

int Disk::make_folder(int parent, const std::string& name) {
    return ::mkdirat(parent, name.c_str(), 0700) == 0 ? 0 : errno;
}

// By /proc: linkat(AT_EMPTY_PATH) asks for a right that a server should not have.
int Disk::link_file(int file, int folder, const std::string& name) {
    const std::string path = "/proc/self/fd/" + std::to_string(file);
    return ::linkat(AT_FDCWD, path.c_str(), folder, name.c_str(), AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

int Disk::remove_file(int folder, const std::string& name) {
    return ::unlinkat(folder, name.c_str(), 0) == 0 ? 0 : errno;
}

int Disk::find_room(int folder, std::uint64_t& bytes) {
    struct statvfs found{};
    if (::fstatvfs(folder, &found) != 0) return errno;
    bytes = static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
    return 0;
}

std::string describe_error(int error) {
    return std::generic_category().message(error);
}

}  // namespace lodestone::blobs
