// Downloads one address again and again on several connections for a while, throwing the bytes away inside
// the kernel, so that what is measured is the sender. Prints bytes and seconds.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "loopback.hpp"

namespace {

constexpr std::size_t largest_read = 4 << 20;

struct Download {
    int fd = -1;
    std::uint64_t left_bytes = 0;  // of the answer's body; 0: the next head is awaited
};

void ask(const Download& download, std::string_view request) {
    if (::send(download.fd, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
        bench::fail("send");
}

// Takes the head alone out of the socket: it is peeked at first, because the body must not be copied.
void start_body(Download& download) {
    std::array<char, 4096> buffer;
    const ssize_t got = ::recv(download.fd, buffer.data(), buffer.size(), MSG_PEEK);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) bench::fail("the connection ended");
    const bench::AnswerHead head = bench::read_head({buffer.data(), static_cast<std::size_t>(got)});
    if (head.status == 0) return;
    if (head.status != 200) bench::fail("the answer is " + std::to_string(head.status));
    if (::recv(download.fd, buffer.data(), head.size_bytes, 0) < 0) bench::fail("recv");
    download.left_bytes = head.body_bytes;
}

std::uint64_t drop_body(Download& download, std::string_view request) {
    std::uint64_t dropped = 0;
    while (download.left_bytes > 0) {
        const ssize_t got =
            ::recv(download.fd, nullptr, std::min<std::uint64_t>(download.left_bytes, largest_read),
                   MSG_TRUNC | MSG_DONTWAIT);
        if (got < 0 && errno == EAGAIN) return dropped;
        if (got <= 0) bench::fail("the body ended early");
        dropped += static_cast<std::uint64_t>(got);
        download.left_bytes -= static_cast<std::uint64_t>(got);
    }
    ask(download, request);
    return dropped;
}

void run(std::uint16_t port, const std::string& path, std::size_t count, double seconds) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    bench::Poller poller;
    std::vector<Download> downloads(count);
    for (std::size_t i = 0; i < count; ++i) {
        downloads[i].fd = bench::open_connection(port);
        poller.add(downloads[i].fd, i, EPOLLIN);
        ask(downloads[i], request);
    }
    const auto start = std::chrono::steady_clock::now();
    std::chrono::duration<double> took{};
    std::uint64_t bytes = 0;
    while (took.count() < seconds) {
        for (const std::size_t index : poller.wait()) {
            Download& download = downloads[index];
            if (download.left_bytes == 0) start_body(download);
            if (download.left_bytes > 0) bytes += drop_body(download, request);
        }
        took = std::chrono::steady_clock::now() - start;
    }
    std::printf("%llu %.6f\n", static_cast<unsigned long long>(bytes), took.count());
    for (const Download& download : downloads) ::close(download.fd);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: http_bench_downloader PORT PATH CONNECTIONS SECONDS\n");
        return 2;
    }
    try {
        run(static_cast<std::uint16_t>(std::atoi(argv[1])), argv[2], std::strtoull(argv[3], nullptr, 10),
            std::atof(argv[4]));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "http_bench_downloader: %s\n", error.what());
        return 1;
    }
}
