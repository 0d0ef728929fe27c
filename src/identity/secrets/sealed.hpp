// Secrets that must be read again (of second factors, of providers), as they are stored: encrypted and
// authenticated under keys that are not in the database.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"

namespace lodestone::identity {

class Sealer {
  public:
    // The first secret seals; all of them open, so that a key is changed by putting a new one in front. Each
    // has at least limits::token_characters.
    explicit Sealer(const std::vector<std::string>& secrets);
    ~Sealer();
    Sealer(const Sealer&) = delete;
    Sealer& operator=(const Sealer&) = delete;

    // "v1.<key>.<nonce and ciphertext>". `place` says what it is and whose: it opens nowhere else.
    std::string seal(std::string_view plain, std::string_view place, Random& random) const;
    // Nothing when it was changed, belongs elsewhere, or was sealed with a key that is not here.
    std::optional<std::string> open(std::string_view sealed, std::string_view place) const;
    // Whether it was sealed with another key than the first: seal it again when it is at hand.
    bool is_outdated(std::string_view sealed) const;

  private:
    struct Key {
        std::array<std::uint8_t, 32> bytes{};
        std::string name;  // says which key it was, and nothing about it
    };
    std::vector<Key> keys_;
};

}  // namespace lodestone::identity
