// Counts what passes, and says when it is not what was promised.
#include "formats/oci/part_source.hpp"

#include <fmt/format.h>

#include "formats/oci/problems.hpp"

namespace lodestone::formats::oci {

bool PartSource::begin_part(std::uint64_t size_bytes) {
    if (is_at_end_) return false;
    part_end_ = passed_bytes_ + size_bytes;
    return true;
}

Task<std::string_view> PartSource::next() {
    if (is_at_end_ || passed_bytes_ >= part_end_) co_return std::string_view();
    const std::string_view piece = co_await source_.next();
    co_return note(piece);
}

Task<std::string_view> PartSource::next_into(std::span<char> room) {
    if (is_at_end_ || passed_bytes_ >= part_end_) co_return std::string_view();
    const std::string_view piece = co_await source_.next_into(room);
    co_return note(piece);
}

std::string_view PartSource::note(std::string_view piece) {
    passed_bytes_ += piece.size();
    is_at_end_ = piece.empty();
    const bool is_wrong = promised_bytes_ && (passed_bytes_ > *promised_bytes_ ||
                                              (is_at_end_ && passed_bytes_ < *promised_bytes_));
    if (is_wrong)
        throw Problem(size_invalid, fmt::format("Content-Range says {} bytes, and {} came.", *promised_bytes_,
                                                is_at_end_ ? "fewer" : "more"));
    return piece;
}

}  // namespace lodestone::formats::oci
