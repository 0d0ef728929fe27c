// Uploads zeros on many connections at once, all of them in step: nobody gets further ahead of the slowest
// than a window, so that every upload is under way until the end. Prints seconds of the whole, and each
// answer once.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>

#include "loopback.hpp"

namespace {

constexpr std::uint64_t window_bytes = 4 << 20;
constexpr std::size_t turn_bytes = 1 << 20;  // what one connection may send before the next one's turn

struct Upload {
    int fd = -1;
    std::uint64_t sent_bytes = 0;
    std::string answer;
    bool is_waiting = false;  // for the slowest, not for the socket
    bool is_answered = false;
};

class Uploads {
  public:
    Uploads(std::uint16_t port, std::size_t count, std::uint64_t size_bytes, const std::string& folder)
        : size_bytes_(size_bytes), uploads_(count) {
        for (std::size_t i = 0; i < count; ++i) {
            Upload& upload = uploads_[i];
            upload.fd = bench::open_connection(port);
            const std::string head =
                "PUT " + folder + "/upload-" + std::to_string(i) +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(size_bytes) + "\r\n\r\n";
            if (::send(upload.fd, head.data(), head.size(), MSG_NOSIGNAL) !=
                static_cast<ssize_t>(head.size()))
                bench::fail("send");
            poller_.add(upload.fd, i, EPOLLIN | EPOLLOUT);
        }
    }
    ~Uploads() {
        for (const Upload& upload : uploads_) ::close(upload.fd);
    }

    void run();
    std::map<std::string, std::size_t> answers() const;

  private:
    void send_turn(std::size_t index);
    void receive(std::size_t index);
    void wake_waiting();

    const std::uint64_t size_bytes_;
    std::vector<Upload> uploads_;
    bench::Poller poller_;
    std::uint64_t slowest_bytes_ = 0;
    std::size_t answered_ = 0;
};

void Uploads::run() {
    while (answered_ < uploads_.size()) {
        for (const std::size_t index : poller_.wait()) {
            receive(index);
            send_turn(index);
        }
        wake_waiting();
    }
}

void Uploads::send_turn(std::size_t index) {
    static const std::array<char, turn_bytes> zeros{};
    Upload& upload = uploads_[index];
    if (upload.is_answered || upload.is_waiting) return;
    const std::uint64_t end = std::min(size_bytes_, slowest_bytes_ + window_bytes);
    if (upload.sent_bytes < end) {
        const ssize_t sent =
            ::send(upload.fd, zeros.data(), std::min<std::uint64_t>(turn_bytes, end - upload.sent_bytes),
                   MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN) bench::fail("send");
        upload.sent_bytes += sent > 0 ? static_cast<std::uint64_t>(sent) : 0;
    }
    if (upload.sent_bytes == size_bytes_ || upload.sent_bytes == slowest_bytes_ + window_bytes) {
        upload.is_waiting = true;
        poller_.change(upload.fd, index, EPOLLIN);
    }
}

void Uploads::receive(std::size_t index) {
    Upload& upload = uploads_[index];
    std::array<char, 4096> buffer;
    const ssize_t got = ::recv(upload.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got == 0) errno = EPIPE;
    if (got <= 0)
        bench::fail("the connection ended after " + std::to_string(upload.sent_bytes) + " bytes and \"" +
                    upload.answer + "\"");
    upload.answer.append(buffer.data(), static_cast<std::size_t>(got));
    const bench::AnswerHead head = bench::read_head(upload.answer);
    if (head.status == 0 || upload.answer.size() < head.size_bytes + head.body_bytes) return;
    upload.answer = std::to_string(head.status) + " " + upload.answer.substr(head.size_bytes);
    upload.is_answered = true;
    ++answered_;
}

void Uploads::wake_waiting() {
    std::uint64_t slowest = std::numeric_limits<std::uint64_t>::max();
    for (const Upload& upload : uploads_) slowest = std::min(slowest, upload.sent_bytes);
    if (slowest == slowest_bytes_) return;
    slowest_bytes_ = slowest;
    for (std::size_t i = 0; i < uploads_.size(); ++i) {
        Upload& upload = uploads_[i];
        const bool may_go_on = upload.sent_bytes < std::min(size_bytes_, slowest_bytes_ + window_bytes);
        if (!upload.is_waiting || !may_go_on) continue;
        upload.is_waiting = false;
        poller_.change(upload.fd, i, EPOLLIN | EPOLLOUT);
    }
}

std::map<std::string, std::size_t> Uploads::answers() const {
    std::map<std::string, std::size_t> counts;
    for (const Upload& upload : uploads_) ++counts[upload.answer];
    return counts;
}

void run(std::uint16_t port, std::size_t count, std::uint64_t size_bytes, const std::string& folder) {
    const auto start = std::chrono::steady_clock::now();
    Uploads uploads(port, count, size_bytes, folder);
    uploads.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%.6f\n", took.count());
    for (const auto& [answer, times] : uploads.answers()) std::printf("%zu %s", times, answer.c_str());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: http_bench_uploader PORT CONNECTIONS BYTES FOLDER\n");
        return 2;
    }
    try {
        run(static_cast<std::uint16_t>(std::atoi(argv[1])), std::strtoull(argv[2], nullptr, 10),
            std::strtoull(argv[3], nullptr, 10), argv[4]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "http_bench_uploader: %s\n", error.what());
        return 1;
    }
}
