// A real Redis for tests: on a free port of 127.0.0.1, in a temporary folder; it can be stopped, killed,
// frozen and started again on the same port.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "support/files.hpp"
#include "support/programs.hpp"
#include "support/temp_folder.hpp"
#include "support/wait.hpp"

namespace lodestone::test {

inline constexpr const char* redis_program = "/usr/bin/redis-server";

class RedisServer {
  public:
    // Running when this returns. `settings`: words of its command line.
    explicit RedisServer(std::vector<std::string> settings = {}) : settings_(std::move(settings)) {
        guard_.emplace("kill -9 $(cat \"$1/pid\"); rm -rf \"$1\"", folder_.path());
        // Another program may take the port before Redis does.
        for (int attempt = 0; attempt < 5; ++attempt) {
            port_ = find_free_port();
            if (try_start()) return;
        }
        throw std::runtime_error("Redis does not start:\n" + read_file(folder_ / "log"));
    }
    ~RedisServer() { kill(); }
    RedisServer(const RedisServer&) = delete;
    RedisServer& operator=(const RedisServer&) = delete;

    std::string url(const std::string& user_info = {}) const {
        return "redis://" + user_info + "127.0.0.1:" + std::to_string(port_) + "/0";
    }
    int port() const { return port_; }

    void start() {
        if (!try_start()) throw std::runtime_error("Redis does not start:\n" + read_file(folder_ / "log"));
    }
    void kill() { end(SIGKILL); }
    // A black hole: the kernel accepts connections and bytes, nobody answers.
    void pause() const { ::kill(pid_, SIGSTOP); }
    void resume() const { ::kill(pid_, SIGCONT); }
    // One command by redis-cli; what it wrote.
    std::string ask(std::vector<std::string> words) const {
        words.insert(words.begin(), {"redis-cli", "-p", std::to_string(port_)});
        const std::string answer = folder_ / "answer";
        std::filesystem::remove(answer);
        wait_for_exit(start_program(words, answer));
        return read_file(answer);
    }

  private:
    static int find_free_port() {
        const UniqueFd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(probe.value(), generic, size) != 0 || ::getsockname(probe.value(), generic, &size) != 0)
            throw std::system_error(errno, std::generic_category(), "no free port");
        return ntohs(address.sin_port);
    }
    bool try_start() {
        const std::string log = folder_ / "log";
        std::filesystem::remove(log);
        std::vector<std::string> command{redis_program,
                                         "--port",
                                         std::to_string(port_),
                                         "--bind",
                                         "127.0.0.1",
                                         "--dir",
                                         folder_.path(),
                                         "--pidfile",
                                         folder_ / "pid",
                                         "--save",
                                         "",
                                         "--appendonly",
                                         "no",
                                         "--daemonize",
                                         "no"};
        command.insert(command.end(), settings_.begin(), settings_.end());
        pid_ = start_program(command, log);
        const UniqueFd process = watch_process(pid_);
        bool is_ready = false;
        wait_until([&] {
            is_ready = read_file(log).find("Ready to accept connections") != std::string::npos;
            return is_ready || wait_until_gone(process, 0);
        });
        if (!is_ready) end(SIGKILL);
        return is_ready;
    }
    void end(int signal) {
        if (pid_ == 0) return;
        ::kill(pid_, signal);
        wait_for_exit(pid_);
        pid_ = 0;
    }

    TempFolder folder_;
    std::optional<Guard> guard_;
    std::vector<std::string> settings_;
    int port_ = 0;
    pid_t pid_ = 0;
};

// The base of every test that needs Redis: skipped, with the reason, where there is none.
class RedisTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(redis_program))
            GTEST_SKIP() << "Redis is not installed (Debian package redis-server)";
    }
};

}  // namespace lodestone::test
