// Opening and writing of log files, pipes, terminals and journald's socket.
#include "base/log_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "base/clock.hpp"
#include "base/limits.hpp"

namespace lodestone {
namespace {

using std::chrono::milliseconds;

// O_NONBLOCK means nothing to a regular file and keeps a pipe or a stopped terminal from holding us.
constexpr int open_flags = O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

bool has_type(int fd, mode_t type) {
    struct stat status{};
    return ::fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == type;
}

UniqueFd open_standard_error() {
    // A regular file is not opened anew: its offset is shared with whoever redirected us there.
    if (has_type(STDERR_FILENO, S_IFIFO) || has_type(STDERR_FILENO, S_IFCHR)) {
        UniqueFd own(::open("/proc/self/fd/2", open_flags));
        if (own.is_open()) return own;
    }
    return UniqueFd(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
}

bool wait_until_writable(int fd, SteadyTime deadline) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= milliseconds{0}) return false;
    pollfd waited{fd, POLLOUT, 0};
    return ::poll(&waited, 1, static_cast<int>(left.count())) > 0;
}

}  // namespace

LogSink::LogSink(UniqueFd fd) : fd_(std::move(fd)), is_socket_(has_type(fd_.value(), S_IFSOCK)) {}

LogSink LogSink::open(const std::string& file) {
    UniqueFd fd =
        file.empty() ? open_standard_error() : UniqueFd(::open(file.c_str(), open_flags | O_CREAT, 0640));
    if (!fd.is_open())
        throw std::system_error(errno, std::generic_category(),
                                "cannot open the log file " + (file.empty() ? "standard error" : file));
    return LogSink(std::move(fd));
}

LogSink::Outcome LogSink::write(std::string_view text) {
    const SteadyTime deadline = std::chrono::steady_clock::now() + limits::log_stall_timeout;
    std::size_t written = 0;
    while (written < text.size()) {
        const char* rest = text.data() + written;
        const std::size_t rest_size = text.size() - written;
        const ssize_t sent = is_socket_ ? ::send(fd_.value(), rest, rest_size, MSG_DONTWAIT | MSG_NOSIGNAL)
                                        : ::write(fd_.value(), rest, rest_size);
        if (sent > 0) {
            written += static_cast<std::size_t>(sent);
            continue;
        }
        const int error = sent == 0 ? EIO : errno;
        if (error == EINTR) continue;
        if (error == EAGAIN && wait_until_writable(fd_.value(), deadline)) continue;
        return {written, error};
    }
    return {written, 0};
}

}  // namespace lodestone
