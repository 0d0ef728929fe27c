// Fuzzes parse_path, parse_query and encode_path_text: what is taken holds nothing that is forbidden, and
// comes back the same when it is encoded again.
#include <cstdint>
#include <string>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "http/message/path.hpp"

using namespace lodestone;
using namespace lodestone::http;

namespace {

// Reads each sequence by its first byte alone and asks whether the code point needs exactly that many bytes:
// another way than the parser's, so that they do not share a mistake.
void check_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<std::uint8_t>(text[at]);
        const std::size_t size = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        ensure(at + size <= text.size(), "no sequence is cut short");
        std::uint32_t point = size == 1 ? lead : lead & (0x7fu >> size);
        for (std::size_t i = 1; i < size; ++i) {
            const auto byte = static_cast<std::uint8_t>(text[at + i]);
            ensure(byte >> 6 == 2, "a sequence goes on as it must");
            point = point << 6 | (byte & 0x3fu);
        }
        const std::size_t needed = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
        ensure(needed == size && point <= 0x10ffff && point >> 11 != 0xd800 >> 11, "UTF-8 in its one form");
        ensure(point >= 0xa0 || (point >= 0x20 && point < 0x7f) || point == '\t' || point == '\n' ||
                   point == '\r',
               "no control characters");
        at += size;
    }
}

void check_segment(const PathSegment& segment) {
    ensure(!segment.text.empty(), "no segment is empty");
    ensure(segment.has_encoded_slash == (segment.text.find('/') != std::string::npos), "a slash is marked");
    const std::string divided = "/" + segment.text + "/";
    for (const char* forbidden : {"//", "/./", "/../", "\\"})
        ensure(divided.find(forbidden) == std::string::npos, "nothing climbs or hides");
    check_utf8(segment.text);
    for (const char c : segment.text)
        ensure(static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7f, "no control characters");
}

void check_path(std::string_view raw) {
    const Path path = parse_path(raw);
    ensure(path.segments.size() <= limits::path_segments, "the number of segments is limited");
    ensure(!path.has_trailing_slash || !path.segments.empty(), "the root has no trailing slash");
    std::string again = path.segments.empty() ? "/" : "";
    for (const PathSegment& segment : path.segments) {
        check_segment(segment);
        again += "/" + encode_path_text(segment.text);
    }
    if (path.has_trailing_slash) again += "/";
    if (again.size() > limits::target_bytes) return;  // encoding made it too long

    const Path twin = parse_path(again);
    ensure(twin.has_trailing_slash == path.has_trailing_slash, "the trailing slash comes back");
    ensure(twin.segments.size() == path.segments.size(), "every segment comes back");
    for (std::size_t i = 0; i < path.segments.size(); ++i)
        ensure(twin.segments[i].text == path.segments[i].text, "each segment comes back the same");
}

void check_query(std::string_view raw) {
    const Query query = parse_query(raw);
    ensure(query.parameters().size() <= limits::query_parameters, "the number of parameters is limited");
    std::string again;
    for (const auto& [name, value] : query.parameters()) {
        check_utf8(name);
        check_utf8(value);
        again += encode_path_text(name) + "=" + encode_path_text(value) + "&";
    }
    if (again.size() > limits::target_bytes) return;
    ensure(parse_query(again).parameters() == query.parameters(), "a query comes back the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view raw(reinterpret_cast<const char*>(data), size);
    try {
        check_path(raw);
    } catch (const Problem& problem) {
        ensure(problem.status() == 400 || problem.status() == 414, "a bad path is the client's fault");
    }
    try {
        check_query(raw);
    } catch (const Problem& problem) {
        ensure(problem.status() == 400 || problem.status() == 414, "a bad query is the client's fault");
    }
    return 0;
}
