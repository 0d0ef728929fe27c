// Other programs that a test starts: waited for, or kept as guards that clean up after a test that crashed.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "base/unique_fd.hpp"

namespace lodestone::test {

// `input`: a descriptor, or -1 for none. `output`: a file that gets both streams.
inline pid_t start_program(const std::vector<std::string>& command, const std::string& output,
                           int input = -1) {
    std::vector<char*> arguments;
    for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
    if (input >= 0)
        ::posix_spawn_file_actions_adddup2(&files, input, 0);
    else
        ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files, 1, output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::posix_spawn_file_actions_adddup2(&files, 1, 2);
    ::posix_spawn_file_actions_addchdir_np(&files, "/");
    // A session of its own: what kills the test's process group does not kill its guards.
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    pid_t pid = 0;
    const int fault = ::posix_spawnp(&pid, arguments[0], &files, &attributes, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
    if (fault != 0) throw std::system_error(fault, std::generic_category(), "start " + command[0]);
    return pid;
}

inline int wait_for_exit(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// A process that need not be our child: a descriptor that becomes readable when it ends.
inline UniqueFd watch_process(pid_t pid) {
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

inline bool wait_until_gone(const UniqueFd& process, int limit_ms = 30'000) {
    pollfd wanted{.fd = process.value(), .events = POLLIN, .revents = 0};
    return !process.is_open() || ::poll(&wanted, 1, limit_ms) == 1;
}

// Runs a shell script when the test ends, however it ends: its standard input closes with us.
class Guard {
  public:
    Guard(const std::string& script, const std::string& argument) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
        const UniqueFd reader(ends[0]);
        writer_.reset(ends[1]);
        pid_ = start_program({"/bin/sh", "-c", "read -r _; " + script, "guard", argument}, "/dev/null",
                             reader.value());
    }
    ~Guard() {
        writer_.reset();
        wait_for_exit(pid_);
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

  private:
    UniqueFd writer_;
    pid_t pid_ = 0;
};

}  // namespace lodestone::test
