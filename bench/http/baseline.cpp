// What an upload is held against: hashing and writing the same bytes with nothing around it, from memory to a
// file, piece by piece as large as the server's. Prints seconds and CPU seconds of each round.
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/resource.h>
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

bool hash_and_write(const char* path, std::uint64_t size_bytes) {
    static const std::string piece(piece_bytes, '\0');
    const int file = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return false;
    EVP_MD_CTX* digest = EVP_MD_CTX_new();
    bool is_good = EVP_DigestInit_ex(digest, EVP_sha256(), nullptr) == 1;
    for (std::uint64_t done = 0; is_good && done < size_bytes;) {
        const std::size_t size = std::min<std::uint64_t>(piece_bytes, size_bytes - done);
        is_good = EVP_DigestUpdate(digest, piece.data(), size) == 1 &&
                  ::write(file, piece.data(), size) == static_cast<ssize_t>(size);
        done += size;
    }
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
    is_good = is_good && EVP_DigestFinal_ex(digest, hash.data(), nullptr) == 1;
    EVP_MD_CTX_free(digest);
    ::close(file);
    return is_good;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: http_bench_baseline FILE BYTES ROUNDS\n");
        return 2;
    }
    const std::uint64_t size_bytes = std::strtoull(argv[2], nullptr, 10);
    for (int round = std::atoi(argv[3]); round > 0; --round) {
        const auto start = std::chrono::steady_clock::now();
        const double cpu_before = cpu_seconds();
        if (!hash_and_write(argv[1], size_bytes)) {
            std::perror("http_bench_baseline");
            return 1;
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        std::printf("%.6f %.6f\n", took.count(), cpu_seconds() - cpu_before);
    }
}
