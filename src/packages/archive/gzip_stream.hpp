// What gzip (RFC 1952) holds, checked against its sums to the last byte, and no more of it than the limits
// say.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "packages/archive/archive_stream.hpp"

struct z_stream_s;

namespace lodestone::packages {

class GzipStream final : public ArchiveStream {
  public:
    GzipStream(const ArchiveSource& source, const ArchiveLimits& limits);
    ~GzipStream() override;
    GzipStream(const GzipStream&) = delete;
    GzipStream& operator=(const GzipStream&) = delete;

    std::string_view next() override;
    // To the end, behind so many bytes of what it holds: refuses it unless there are only zeros there.
    void finish(std::uint64_t taken_bytes);

  private:
    bool refill();
    void pass_padding();
    void inflate_some();
    void check_size() const;

    const ArchiveSource& source_;
    const ArchiveLimits limits_;
    std::uint64_t position_ = 0;  // of what is read next
    std::uint64_t unpacked_bytes_ = 0;
    std::vector<char> packed_;
    std::vector<char> unpacked_;
    std::string_view last_;  // piece that next() gave
    const std::unique_ptr<z_stream_s> state_;
    bool is_at_end_ = false;
};

}  // namespace lodestone::packages
