// Checksums of migrations: SHA-256 over what the file says, not over how an editor saved it.
#pragma once

#include <string>
#include <string_view>

namespace lodestone::db {

// Without a byte order mark, lines ended by LF alone.
std::string normalize_text(std::string_view text);

// In lower-case hexadecimal.
std::string sha256_hex(std::string_view text);

}  // namespace lodestone::db
