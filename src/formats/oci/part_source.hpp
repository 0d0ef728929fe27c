// A request's body in parts of a bounded size, each of which ends like a body of its own, and checked against
// the size that the client has promised.
#pragma once

#include <cstdint>
#include <optional>

#include "http/wire/body.hpp"

namespace lodestone::formats::oci {

class PartSource final : public http::BodySource {
  public:
    PartSource(http::BodySource& source, std::optional<std::uint64_t> promised_bytes)
        : source_(source), promised_bytes_(promised_bytes) {}

    // The next part, about so long; false: there is nothing more. The first one may be empty.
    bool begin_part(std::uint64_t size_bytes);

    // Throws Problem(SIZE_INVALID) at the end when less, and at once when more came than was promised.
    Task<std::string_view> next() override;
    Task<std::string_view> next_into(std::span<char> room) override;
    void hold(std::uint64_t held_bytes) override { source_.hold(held_bytes); }
    std::optional<std::uint64_t> length() const override { return std::nullopt; }

  private:
    std::string_view note(std::string_view piece);

    http::BodySource& source_;
    const std::optional<std::uint64_t> promised_bytes_;
    std::uint64_t passed_bytes_ = 0;
    std::uint64_t part_end_ = 0;
    bool is_at_end_ = false;
};

}  // namespace lodestone::formats::oci
