// Bytes that are kept to be sent again and again: in a file that lies in memory (memory_file.hpp) where that
// saves more than it costs and there is one to be had, as text otherwise.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"

namespace lodestone {

class KeptBytes {
  public:
    KeptBytes() = default;
    explicit KeptBytes(std::string bytes);

    std::uint64_t size_bytes() const { return size_bytes_; }
    // Null: they are in text().
    const std::shared_ptr<const UniqueFd>& file() const { return file_; }
    std::string_view text() const { return text_; }

  private:
    std::uint64_t size_bytes_ = 0;
    std::shared_ptr<const UniqueFd> file_;
    std::string text_;
};

}  // namespace lodestone
