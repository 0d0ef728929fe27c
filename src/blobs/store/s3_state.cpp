// A line of its own for each thing: S3's ids and tags have no line ends in them.
#include "blobs/store/s3_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/blob_limits.hpp"
#include "base/digest.hpp"

namespace lodestone::blobs {

namespace {

std::string_view take_until(std::string_view& rest, char end) {
    const std::string_view taken = rest.substr(0, rest.find(end));
    rest.remove_prefix(std::min(taken.size() + 1, rest.size()));
    return taken;
}

bool read_number(std::string_view text, std::uint64_t& number) {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stop == end;
}

bool is_sha256(std::string_view text) {
    return text.size() == 2 * sizeof(Sha256) &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

bool is_s3_tag(std::string_view text) {
    return !text.empty() && text.size() <= limits::s3_tag_bytes &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7F'; });
}

std::string render_s3_state(const S3State& state) {
    std::string text = fmt::format("1 {} {}", state.tail_bytes, state.old_tail_at);
    if (state.tail_bytes > 0) text += " " + state.tail_sha256;
    if (state.upload_id.empty()) return text;
    text += "\n" + state.object + "\n" + state.upload_id;
    for (const std::string& tag : state.parts) text += "\n" + tag;
    return text;
}

std::optional<S3State> parse_s3_state(std::string_view text) {
    S3State state;
    if (text.empty()) return state;
    if (text.size() > limits::s3_state_bytes) return std::nullopt;
    std::string_view rest = text;
    std::string_view first = take_until(rest, '\n');
    if (take_until(first, ' ') != "1") return std::nullopt;
    if (!read_number(take_until(first, ' '), state.tail_bytes) ||
        !read_number(take_until(first, ' '), state.old_tail_at))
        return std::nullopt;
    state.tail_sha256 = first;
    if (state.tail_bytes > 0 ? !is_sha256(first) : !first.empty()) return std::nullopt;
    if (!rest.empty()) {
        state.object = take_until(rest, '\n');
        state.upload_id = take_until(rest, '\n');
        if (!is_s3_tag(state.object) || !is_s3_tag(state.upload_id) || rest.empty()) return std::nullopt;
    }
    while (!rest.empty()) {
        const std::string_view tag = take_until(rest, '\n');
        if (!is_s3_tag(tag) || state.parts.size() == limits::s3_parts) return std::nullopt;
        state.parts.emplace_back(tag);
    }
    // Line ends too many, zeroes in front.
    if (render_s3_state(state) != text) return std::nullopt;
    return state;
}

}  // namespace lodestone::blobs
