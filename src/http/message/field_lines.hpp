// The lines of a head, requests' and responses' alike (RFC 9112 §2.2, §5): where the head ends and what one
// field says. Each line ends with CR LF; a CR or LF alone is refused as soon as it is seen, because others
// may take it for a line's end or not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/message/headers.hpp"

namespace lodestone::http {

enum class LineFault : std::uint8_t {
    none,
    bare_carriage_return,
    bare_line_feed,
    folded,
    no_colon,
    malformed_name,
    malformed_value
};

struct HeadEnd {
    std::size_t at = std::string_view::npos;  // behind the empty line; npos: it has not come yet
    LineFault fault = LineFault::none;
};

// Looks at each byte once: `scanned_bytes` is where the next call goes on, with more bytes.
HeadEnd find_head_end(std::string_view bytes, std::size_t& scanned_bytes);

struct FieldLine {
    HeaderField field;
    LineFault fault = LineFault::none;
};

// Takes the first line off a text in which find_head_end() has found nothing wrong, and which is not empty.
FieldLine take_field_line(std::string_view& text);

}  // namespace lodestone::http
