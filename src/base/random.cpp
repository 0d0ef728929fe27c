// Random bytes: a per-thread buffer in front of getrandom(2), and a splitmix64 stream for tests.
#include "base/random.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/ensure.hpp"
#include "base/hex.hpp"

namespace lodestone {

std::uint64_t Random::next_u64() {
    std::uint64_t value = 0;
    fill({reinterpret_cast<std::uint8_t*>(&value), sizeof value});
    return value;
}

std::string Random::next_hex(std::size_t size_bytes) {
    std::array<std::uint8_t, 64> bytes{};
    ensure(size_bytes <= bytes.size(), "next_hex is for at most 64 bytes");
    fill({bytes.data(), size_bytes});
    return to_hex({bytes.data(), size_bytes});
}

namespace {

void fill_from_kernel(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        ensure(got > 0, "getrandom failed");
        bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
}

struct Pool {
    std::array<std::uint8_t, 4096> bytes;
    std::size_t used = sizeof bytes;
};

}  // namespace

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
    thread_local Pool pool;
    if (bytes.size() > pool.bytes.size() / 4) return fill_from_kernel(bytes);
    if (pool.used + bytes.size() > pool.bytes.size()) {
        fill_from_kernel(pool.bytes);
        pool.used = 0;
    }
    std::memcpy(bytes.data(), pool.bytes.data() + pool.used, bytes.size());
    // Handed out once: what was given away does not stay in memory.
    std::memset(pool.bytes.data() + pool.used, 0, bytes.size());
    pool.used += bytes.size();
}

void SeededRandom::fill(std::span<std::uint8_t> bytes) {
    for (std::size_t i = 0; i < bytes.size(); i += 8) {
        state_ += 0x9E3779B97F4A7C15ull;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ull;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBull;
        mixed ^= mixed >> 31;
        std::memcpy(bytes.data() + i, &mixed, std::min<std::size_t>(8, bytes.size() - i));
    }
}

}  // namespace lodestone
