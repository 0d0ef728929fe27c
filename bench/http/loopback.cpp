// Sockets and epoll for the benchmark's clients, as plain as they come: a client must cost less than the
// server that it measures.
#include "loopback.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace bench {

void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

int open_connection(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) fail("connect");
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
    // Some machines pace what they send (BBR), which would measure the client's clock; this one always
    // exists.
    constexpr std::string_view congestion = "reno";
    ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, congestion.data(), congestion.size());
    return fd;
}

Poller::Poller() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (fd_ < 0) fail("epoll_create1");
}

Poller::~Poller() {
    ::close(fd_);
}

void Poller::add(int fd, std::size_t index, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.u64 = index}};
    if (::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event) != 0) fail("epoll_ctl");
}

void Poller::change(int fd, std::size_t index, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.u64 = index}};
    if (::epoll_ctl(fd_, EPOLL_CTL_MOD, fd, &event) != 0) fail("epoll_ctl");
}

std::vector<std::size_t> Poller::wait(int timeout_ms) {
    std::array<epoll_event, 512> events;
    const int count = ::epoll_wait(fd_, events.data(), static_cast<int>(events.size()), timeout_ms);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    errno = ETIMEDOUT;
    if (count == 0) fail("the server");
    std::vector<std::size_t> ready;
    for (int i = 0; i < count; ++i)
        ready.push_back(static_cast<std::size_t>(events[static_cast<std::size_t>(i)].data.u64));
    return ready;
}

AnswerHead read_head(std::string_view received) {
    AnswerHead head;
    const std::size_t end = received.find("\r\n\r\n");
    if (end == received.npos) return head;
    head.size_bytes = end + 4;
    head.status = std::atoi(std::string(received.substr(9, 3)).c_str());
    constexpr std::string_view name = "\r\nContent-Length: ";
    const std::size_t length_at = received.find(name);
    if (length_at < end)
        head.body_bytes =
            std::strtoull(std::string(received.substr(length_at + name.size(), 20)).c_str(), nullptr, 10);
    return head;
}

}  // namespace bench
