// Opening listening sockets: what each kind of address gives, and words that help when it cannot be had.
#include "http/server/listener.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/problem.hpp"
#include "support/raw_client.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::http {
namespace {

namespace fs = std::filesystem;

std::vector<Listener> open(const std::string& text, bool is_tls = false) {
    return open_listeners(parse_listen_address(text).value(), is_tls);
}

std::string refusal_of(const std::string& text) {
    return find_problem([&] { open(text); }).value_or("");
}

std::uint16_t port_of(const Listener& listener) {
    return static_cast<std::uint16_t>(std::stoi(listener.url.substr(listener.url.rfind(':') + 1)));
}

TEST(Listener, OpensAFreePortAndSaysWhich) {
    const auto listeners = open("127.0.0.1:0");
    ASSERT_EQ(listeners.size(), 1u);
    const Listener& listener = listeners[0];
    EXPECT_GT(port_of(listener), 0);
    EXPECT_EQ(listener.url, "http://127.0.0.1:" + std::to_string(port_of(listener)));
    EXPECT_FALSE(listener.is_tls || listener.is_unix || listener.is_inherited);
    EXPECT_TRUE(::fcntl(listener.fd.value(), F_GETFD) & FD_CLOEXEC)
        << "programs that we start do not hold it";
    EXPECT_TRUE(test::RawClient(port_of(listener)).is_connected());
    const auto secure = open("127.0.0.1:0", true);
    EXPECT_TRUE(secure[0].is_tls);
    EXPECT_TRUE(secure[0].url.starts_with("https://"));
}

TEST(Listener, TakesBothFamiliesOnTheWildcard) {
    if (!refusal_of("[::1]:0").empty()) GTEST_SKIP() << "this machine has no IPv6";
    const auto listeners = open("[::]:0");
    EXPECT_TRUE(listeners[0].url.starts_with("http://[::]:"));
    EXPECT_TRUE(test::RawClient(port_of(listeners[0])).is_connected()) << "an IPv4 client";
    const auto only_v6 = open("[::1]:0");
    EXPECT_FALSE(test::RawClient(port_of(only_v6[0])).is_connected());
}

TEST(Listener, SaysWhyThereIsNone) {
    const auto taken = open("127.0.0.1:0");
    const std::string text = "127.0.0.1:" + std::to_string(port_of(taken[0]));
    EXPECT_EQ(refusal_of(text),
              "Cannot listen on " + text +
                  ": another program uses that port. Stop it, or choose another with --listen.");
    EXPECT_NE(refusal_of("192.0.2.1:0").find("this machine has no such address"), std::string::npos);
}

TEST(Listener, OpensUnixSocketsForUserAndGroup) {
    const test::TempFolder folder;
    const auto listeners = open("unix:" + (folder / "socket"));
    ASSERT_EQ(listeners.size(), 1u);
    EXPECT_TRUE(listeners[0].is_unix);
    EXPECT_EQ(*listeners[0].unix_file, folder / "socket");
    EXPECT_EQ(listeners[0].url, "unix:" + (folder / "socket"));
    struct stat found{};
    ASSERT_EQ(::stat((folder / "socket").c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777u, 0660u);
    EXPECT_TRUE(test::RawClient(folder / "socket").is_connected());
    EXPECT_NE(refusal_of("unix:" + (folder / "socket")).find("another program listens there"),
              std::string::npos);
}

TEST(Listener, TakesOverASocketThatNobodyAnswersOn) {
    const test::TempFolder folder;
    {
        // Closed, but the file stays, as after a crash.
        auto crashed = open("unix:" + (folder / "socket"));
        delete crashed[0].unix_file.release();
    }
    ASSERT_TRUE(fs::exists(folder / "socket"));
    const auto listeners = open("unix:" + (folder / "socket"));
    EXPECT_TRUE(test::RawClient(folder / "socket").is_connected());
}

TEST(Listener, RemovesNothingThatIsNoSocket) {
    const test::TempFolder folder;
    std::ofstream(folder / "precious") << "data";
    EXPECT_NE(refusal_of("unix:" + (folder / "precious")).find("a file that is no socket is in the way"),
              std::string::npos);
    fs::create_symlink(folder / "precious", folder / "link");
    EXPECT_NE(refusal_of("unix:" + (folder / "link")), "");
    EXPECT_TRUE(fs::exists(folder / "precious") && fs::is_symlink(folder / "link"));
    EXPECT_NE(refusal_of("unix:" + (folder / "no/folder")).find("No such file"), std::string::npos);
}

// In a child of its own, for descriptor 3 and the environment belong to the whole process. What `passed`
// listens on becomes descriptor 3.
bool holds_when_inherited(int passed, const char* count, const std::function<bool()>& check) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(passed, 3);
        ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", count, 1);
        ::_exit(check() ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Listener, TakesWhatSystemdPassesIn) {
    const auto opened = open("127.0.0.1:0");
    EXPECT_TRUE(holds_when_inherited(opened[0].fd.value(), "1", [&] {
        const auto listeners = open("systemd");
        return listeners.size() == 1 && listeners[0].is_inherited && listeners[0].url == opened[0].url &&
               listeners[0].fd.value() == 3 && (::fcntl(3, F_GETFD) & FD_CLOEXEC) &&
               (::fcntl(3, F_GETFL) & O_NONBLOCK) && ::getenv("LISTEN_FDS") == nullptr &&
               refusal_of("systemd").find("no sockets were passed in") != std::string::npos;
    }));
    const test::TempFolder folder;
    const auto on_unix = open("unix:" + (folder / "socket"));
    EXPECT_TRUE(holds_when_inherited(on_unix[0].fd.value(), "1", [&] {
        const auto listeners = open("systemd");
        // The file is systemd's: it must still be there for our successor.
        return listeners[0].is_unix && listeners[0].unix_file == nullptr;
    }));
}

TEST(Listener, RefusesWhatSystemdDidNotPassIn) {
    EXPECT_NE(refusal_of("systemd").find("no sockets were passed in"), std::string::npos);
    const auto opened = open("127.0.0.1:0");
    const auto says = [](const char* what) { return refusal_of("systemd").find(what) != std::string::npos; };
    for (const char* count : {"0", "-1", "", "x", "1x", "99999999999"})
        EXPECT_TRUE(holds_when_inherited(opened[0].fd.value(), count, [&] {
            return says("no sockets were passed in");
        })) << count;
    EXPECT_TRUE(holds_when_inherited(opened[0].fd.value(), "1", [&] {
        ::setenv("LISTEN_PID", "1", 1);  // meant for another process
        return says("no sockets were passed in");
    }));
    const UniqueFd file(::open("/dev/null", O_RDONLY));
    EXPECT_TRUE(holds_when_inherited(file.value(), "1", [&] { return says("is not a socket"); }));
}

}  // namespace
}  // namespace lodestone::http
