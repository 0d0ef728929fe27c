// libsodium, ready to be used: every file of this room that calls it begins with this.
#pragma once

#include <sodium.h>

#include <cstdint>
#include <string_view>

namespace lodestone::identity {

// Once in the program; cheap afterwards. What libsodium cannot do without its start is a bug of ours.
void start_sodium();

inline const unsigned char* sodium_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace lodestone::identity
