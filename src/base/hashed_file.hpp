// A file that is hashed while it is written, piece by piece from its beginning.
#pragma once

#include <cstdint>

#include "base/digest.hpp"
#include "base/piece_line.hpp"
#include "base/unique_fd.hpp"

namespace lodestone {

// Used by one thread at a time: by a worker's through a PieceLine, or by whoever may wait for a disk himself.
class HashedFile final : public PieceTaker {
  public:
    explicit HashedFile(UniqueFd file) : file_(std::move(file)) {}

    // Throws Problem(storage_full) or std::system_error.
    void take(std::string_view piece) override;
    // Once everything was taken:
    Sha256 finish() { return digest_.finish(); }
    std::uint64_t size_bytes() const { return size_bytes_; }
    const UniqueFd& file() const { return file_; }

  private:
    UniqueFd file_;
    Sha256Digest digest_;
    std::uint64_t size_bytes_ = 0;
};

}  // namespace lodestone
