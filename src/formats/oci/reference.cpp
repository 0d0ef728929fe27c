// Names by their grammar, read from left to right without looking back: no expression that a name could slow.
#include "formats/oci/reference.hpp"

#include <algorithm>
#include <charconv>

#include "base/ensure.hpp"
#include "base/hex.hpp"
#include "base/image_limits.hpp"

namespace lodestone::formats::oci {

namespace {

bool is_lower_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_word(char c) {
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

// What may stand between two letters or digits: one '.', one or two '_', any number of '-'.
bool is_separator(std::string_view text) {
    return text == "." || text == "_" || text == "__" ||
           (!text.empty() && std::ranges::all_of(text, [](char c) { return c == '-'; }));
}

bool is_component(std::string_view text) {
    if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) return false;
    for (std::size_t at = 0; at < text.size();) {
        const auto* const rest = text.data() + at;
        const auto* const end = text.data() + text.size();
        const auto* const separator = std::find_if_not(rest, end, is_lower_or_digit);
        if (separator == end) return true;
        const auto* const next = std::find_if(separator, end, is_lower_or_digit);
        if (!is_separator({separator, next})) return false;
        at = static_cast<std::size_t>(next - text.data());
    }
    return true;
}

std::optional<DigestKind> parse_algorithm(std::string_view text) {
    if (text == "sha256") return DigestKind::sha256;
    if (text == "sha512") return DigestKind::sha512;
    return std::nullopt;
}

// Capitals are refused: the same digest in two spellings would be two names of one thing.
std::optional<std::string> parse_lower_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const int high = hex_value(text[at]);
        const int low = hex_value(text[at + 1]);
        const bool is_lower =
            (text[at] < 'A' || text[at] > 'F') && (text[at + 1] < 'A' || text[at + 1] > 'F');
        if (high < 0 || low < 0 || !is_lower) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

std::optional<std::uint64_t> parse_offset(std::string_view digits) {
    std::uint64_t value = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

}  // namespace

Sha256 ContentDigest::sha256() const {
    ensure(kind == DigestKind::sha256 && bytes.size() == Sha256{}.size(), "that digest is a SHA-256");
    Sha256 digest{};
    std::ranges::copy(bytes, digest.begin());
    return digest;
}

bool is_image_name(std::string_view text) {
    if (text.size() > limits::image_name_bytes) return false;
    for (;;) {
        const auto slash = text.find('/');
        if (!is_component(text.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        text.remove_prefix(slash + 1);
    }
}

bool is_tag(std::string_view text) {
    return !text.empty() && text.size() <= limits::image_tag_bytes && is_word(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

std::optional<ContentDigest> parse_content_digest(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto kind = parse_algorithm(text.substr(0, colon));
    if (!kind) return std::nullopt;
    auto bytes = parse_lower_hex(text.substr(colon + 1));
    if (!bytes || bytes->size() != digest_bytes(*kind)) return std::nullopt;
    return ContentDigest{.kind = *kind, .bytes = *std::move(bytes)};
}

std::string render_content_digest(const ContentDigest& digest) {
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(digest.bytes.data()), digest.bytes.size());
    return (digest.kind == DigestKind::sha512 ? "sha512:" : "sha256:") + to_hex(bytes);
}

std::string render_sha256_digest(const Sha256& sha256) {
    return "sha256:" + to_hex(sha256);
}

std::optional<Reference> parse_reference(std::string_view text) {
    if (auto digest = parse_content_digest(text))
        return Reference{.text = std::string(text), .digest = digest};
    if (is_tag(text)) return Reference{.text = std::string(text), .digest = std::nullopt};
    return std::nullopt;
}

std::optional<Chunk> parse_chunk(std::string_view text) {
    if (text.starts_with("bytes ") || text.starts_with("bytes=")) text.remove_prefix(6);
    text = text.substr(0, text.find('/'));
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = parse_offset(text.substr(0, dash));
    const auto last = parse_offset(text.substr(dash + 1));
    // The size of such a chunk has to fit, too.
    if (!first || !last || *last < *first || *last - *first == UINT64_MAX) return std::nullopt;
    return Chunk{.first = *first, .last = *last};
}

}  // namespace lodestone::formats::oci
