// SHA-256 and chance, both in base64url.
#include "identity/federation/proof_key.hpp"

#include <openssl/sha.h>

#include <array>
#include <cstdint>

#include "base/base64url.hpp"
#include "base/random.hpp"

namespace lodestone::identity {

std::string make_unguessable(Random& random) {
    std::array<std::uint8_t, 32> bytes{};
    random.fill(bytes);
    return render_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string render_challenge(std::string_view verifier) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(verifier.data()), verifier.size(), digest.data());
    return render_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace lodestone::identity
