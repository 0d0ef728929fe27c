// SHA-256 of bytes that come piece by piece.
#pragma once

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace lodestone {

using Sha256 = std::array<std::uint8_t, 32>;

class Sha256Digest {
  public:
    Sha256Digest();
    void add(std::string_view bytes);
    Sha256 finish();  // once

  private:
    struct End {
        void operator()(EVP_MD_CTX* context) const;
    };
    std::unique_ptr<EVP_MD_CTX, End> context_;
};

}  // namespace lodestone
