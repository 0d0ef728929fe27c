// Chance comes from here: the kernel's generator in the program, a seeded one in tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace lodestone {

class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> bytes) = 0;

    std::uint64_t next_u64();
    // `size_bytes` random bytes in lower-case hexadecimal.
    std::string next_hex(std::size_t size_bytes);
};

// getrandom(2), buffered per thread; safe for secrets and from every thread.
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> bytes) override;
};

// Repeatable, for tests only; not thread safe.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
    void fill(std::span<std::uint8_t> bytes) override;

  private:
    std::uint64_t state_;
};

}  // namespace lodestone
