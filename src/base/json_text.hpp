// A string as JSON text, safe to put into a line of its own: whatever the bytes are, the result is valid
// UTF-8 on one line that moves no terminal's cursor.
#pragma once

#include <string>
#include <string_view>

namespace lodestone {

// Appends `text` in quotes. Valid UTF-8 stays as it is; each invalid sequence becomes U+FFFD; control
// characters (C0, DEL, C1), U+2028, U+2029 and the bidirectional overrides are escaped.
void append_json_string(std::string& out, std::string_view text);

// For people's eyes: the same escapes, but no quotes, and none before quotes and backslashes.
void append_harmless(std::string& out, std::string_view text);

}  // namespace lodestone
