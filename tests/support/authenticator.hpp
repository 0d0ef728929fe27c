// What a person's app makes of the secret of a second factor.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "identity/secrets/totp.hpp"

namespace lodestone::test {

// The code of now; `secret` is in base32, as the API shows it for typing.
inline std::string make_code(std::string_view secret, Time now) {
    std::string bytes;
    unsigned bits = 0;
    int count = 0;
    for (const char c : secret) {
        bits =
            bits << 5 | static_cast<unsigned>(std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").find(c));
        count += 5;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xFFU);
    }
    return identity::totp_code(bytes, identity::totp_step(now));
}

}  // namespace lodestone::test
