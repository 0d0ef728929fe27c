// Base64 (RFC 4648, section 4) that comes in pieces, cut anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lodestone::formats::npm {

class Base64Stream {
  public:
    // Appends what these stand for; false: no base64 goes on like this.
    bool add(std::string_view text, std::string& bytes);
    // Whether it may end here.
    bool is_whole() const { return (count_ + padding_) % 4 == 0; }

  private:
    std::uint32_t bits_ = 0;
    unsigned count_ = 0;    // digits of the group that has begun
    unsigned padding_ = 0;  // behind the last digit nothing else comes
};

}  // namespace lodestone::formats::npm
