// One strict reader of lines for both directions, so that what we refuse from clients we refuse from
// upstreams.
#include "http/message/field_lines.hpp"

#include "http/message/characters.hpp"

namespace lodestone::http {

HeadEnd find_head_end(std::string_view bytes, std::size_t& scanned_bytes) {
    for (;;) {
        const std::size_t lf = bytes.find('\n', scanned_bytes);
        const std::string_view line =
            bytes.substr(scanned_bytes, lf == bytes.npos ? bytes.npos : lf - scanned_bytes);
        // A CR that nothing has followed yet may still become a line's end.
        const std::size_t cr = line.find('\r');
        if (cr != line.npos && cr + 1 < line.size()) return {.fault = LineFault::bare_carriage_return};
        if (lf == bytes.npos) return {};
        if (cr == line.npos) return {.fault = LineFault::bare_line_feed};
        scanned_bytes = lf + 1;
        if (line.size() == 1) return {.at = lf + 1};
    }
}

FieldLine take_field_line(std::string_view& text) {
    const std::size_t end = text.find('\r');  // LF follows each CR
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (line.front() == ' ' || line.front() == '\t') return {.fault = LineFault::folded};
    const std::size_t colon = line.find(':');
    if (colon == line.npos) return {.fault = LineFault::no_colon};
    const HeaderField field{line.substr(0, colon), trim_whitespace(line.substr(colon + 1))};
    if (field.name.empty() || !is_all(field.name, character::token))
        return {.fault = LineFault::malformed_name};
    if (!is_all(field.value, character::field)) return {.fault = LineFault::malformed_value};
    return {.field = field};
}

}  // namespace lodestone::http
