// What an upload is held against. Alone: the same bytes from memory, hashed and written piece by piece as
// large as the server's; prints seconds and CPU seconds of each round. From a socket: the same with the bytes
// coming from the benchmark's uploader, which shows what the kernel's side of receiving costs before any
// HTTP.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr std::size_t piece_bytes = 128 * 1024;  // limits::body_piece_bytes

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A digest and a file that take the same pieces.
class Store {
  public:
    explicit Store(const char* path)
        : file_(::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)), digest_(EVP_MD_CTX_new()) {
        is_good_ = file_ >= 0 && EVP_DigestInit_ex(digest_, EVP_sha256(), nullptr) == 1;
    }
    ~Store() {
        EVP_MD_CTX_free(digest_);
        ::close(file_);
    }
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    void take(const char* bytes, std::size_t size) {
        is_good_ = is_good_ && EVP_DigestUpdate(digest_, bytes, size) == 1 &&
                   ::write(file_, bytes, size) == static_cast<ssize_t>(size);
    }
    // The digest in hexadecimal, empty when anything went wrong.
    std::string end() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
        unsigned size = 0;
        if (!is_good_ || EVP_DigestFinal_ex(digest_, hash.data(), &size) != 1) return {};
        std::string text;
        for (unsigned i = 0; i < size; ++i) {
            text += "0123456789abcdef"[hash[i] >> 4];
            text += "0123456789abcdef"[hash[i] & 15];
        }
        return text;
    }

  private:
    int file_;
    EVP_MD_CTX* digest_;
    bool is_good_ = false;
};

bool store_from_memory(const char* path, std::uint64_t size_bytes) {
    static const std::string piece(piece_bytes, '\0');
    Store store(path);
    for (std::uint64_t done = 0; done < size_bytes; done += piece_bytes)
        store.take(piece.data(), std::min<std::uint64_t>(piece_bytes, size_bytes - done));
    return !store.end().empty();
}

int measure_alone(const char* path, std::uint64_t size_bytes, int rounds) {
    for (; rounds > 0; --rounds) {
        const auto start = std::chrono::steady_clock::now();
        const double cpu_before = cpu_seconds();
        if (!store_from_memory(path, size_bytes)) {
            std::perror("http_bench_baseline");
            return 1;
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        std::printf("%.6f %.6f\n", took.count(), cpu_seconds() - cpu_before);
        ::unlink(path);  // so that no round waits for the disk to take the last one's pages
    }
    return 0;
}

// One upload by the benchmark's own client, whose head comes whole and says how much follows.
void store_from_socket(int connection, const char* path) {
    static std::string piece(piece_bytes, '\0');
    Store store(path);
    ssize_t got = ::recv(connection, piece.data(), 1024, 0);
    const std::string head = piece.substr(0, got > 0 ? static_cast<std::size_t>(got) : 0);
    const std::size_t head_end = head.find("\r\n\r\n");
    const std::size_t length_at = head.find("Content-Length: ");
    if (head_end == head.npos || length_at == head.npos) return;
    std::uint64_t left = std::strtoull(head.c_str() + length_at + 16, nullptr, 10);
    left -= head.size() - head_end - 4;
    store.take(head.data() + head_end + 4, head.size() - head_end - 4);
    std::size_t filled = head.size() - head_end - 4;
    while (left > 0 && got > 0) {
        // Whole pages where there are enough bytes, as the server does it.
        const std::size_t room = piece_bytes - filled % 4096;
        got = ::recv(connection, piece.data(), std::min<std::uint64_t>(room, left), 0);
        if (got <= 0) return;
        store.take(piece.data(), static_cast<std::size_t>(got));
        filled += static_cast<std::size_t>(got);
        left -= static_cast<std::uint64_t>(got);
    }
    const std::string answer = "HTTP/1.1 201 Created\r\nContent-Length: 65\r\n\r\n" + store.end() + "\n";
    ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
}

int receive(const char* path) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&name), size) != 0 || ::listen(listener, 16) != 0 ||
        ::getsockname(listener, reinterpret_cast<sockaddr*>(&name), &size) != 0) {
        std::perror("http_bench_baseline");
        return 1;
    }
    std::printf("http://127.0.0.1:%d\n", ntohs(name.sin_port));
    std::fflush(stdout);
    for (;;) {
        const int connection = ::accept(listener, nullptr, nullptr);
        if (connection < 0) return 1;
        store_from_socket(connection, path);
        ::close(connection);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2) return receive(argv[1]);
    if (argc == 4) return measure_alone(argv[1], std::strtoull(argv[2], nullptr, 10), std::atoi(argv[3]));
    std::fprintf(stderr, "usage: http_bench_baseline FILE BYTES ROUNDS, or http_bench_baseline FILE\n");
    return 2;
}
