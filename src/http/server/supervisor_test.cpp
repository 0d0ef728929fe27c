// Telling the supervisor: one datagram to the socket that the environment names, and silence without one.
#include "http/server/supervisor.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include "base/unique_fd.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::http {
namespace {

// Stands for systemd: a datagram socket by the name that NOTIFY_SOCKET carries while this lives.
class Listening {
  public:
    explicit Listening(std::string name) : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        if (name.front() == '@') address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        EXPECT_EQ(::bind(fd_.value(), reinterpret_cast<const sockaddr*>(&address), size), 0) << name;
    }
    ~Listening() { ::unsetenv("NOTIFY_SOCKET"); }

    // What has arrived by now; empty when nothing has.
    std::string read() const {
        std::array<char, 256> bytes;
        const ssize_t got = ::recv(fd_.value(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        return {bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }

  private:
    UniqueFd fd_;
};

TEST(Supervisor, IsTold) {
    const test::TempFolder folder;
    const Listening systemd(folder / "notify");
    notify_supervisor("READY=1");
    notify_supervisor("RELOADING=1\nMONOTONIC_USEC=5");
    EXPECT_EQ(systemd.read(), "READY=1");
    EXPECT_EQ(systemd.read(), "RELOADING=1\nMONOTONIC_USEC=5");
    EXPECT_EQ(systemd.read(), "");
}

TEST(Supervisor, IsToldInTheAbstractNamespace) {
    const Listening systemd("@lodestone-test-" + std::to_string(::getpid()));
    notify_supervisor("STOPPING=1");
    EXPECT_EQ(systemd.read(), "STOPPING=1");
}

TEST(Supervisor, MayBeAbsent) {
    const test::TempFolder folder;
    ::unsetenv("NOTIFY_SOCKET");
    notify_supervisor("READY=1");
    for (const std::string& name :
         {folder / "nobody-here", std::string("@nobody-here"), std::string(), std::string(500, 'a')}) {
        ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
        notify_supervisor("READY=1");
    }
    ::unsetenv("NOTIFY_SOCKET");
    const Listening systemd(folder / "notify");
    EXPECT_EQ(systemd.read(), "") << "nothing went astray";
}

}  // namespace
}  // namespace lodestone::http
