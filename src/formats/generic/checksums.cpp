// Checksums in headers: https://www.rfc-editor.org/rfc/rfc9530 (Content-Digest, Repr-Digest),
// https://www.rfc-editor.org/rfc/rfc3230 (Digest), and X-Checksum-…, as repositories of files have long had
// it.
#include "formats/generic/checksums.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/base64url.hpp"
#include "base/hex.hpp"
#include "base/problem.hpp"

namespace lodestone::formats::generic {

namespace {

struct NamedHeader {
    std::string_view name;
    DigestKind kind;
};
constexpr NamedHeader hex_headers[] = {{"x-checksum-sha256", DigestKind::sha256},
                                       {"x-checksum-sha512", DigestKind::sha512},
                                       {"x-checksum-sha1", DigestKind::sha1},
                                       {"x-checksum-md5", DigestKind::md5}};
constexpr NamedHeader algorithms[] = {{"sha-256", DigestKind::sha256},
                                      {"sha-512", DigestKind::sha512},
                                      {"sha", DigestKind::sha1},
                                      {"md5", DigestKind::md5}};
constexpr std::array<std::string_view, 3> lists{"digest", "content-digest", "repr-digest"};

template <std::size_t Size>
std::optional<DigestKind> find_kind(const NamedHeader (&known)[Size], std::string_view name) {
    for (const NamedHeader& one : known)
        if (http::equals_ignoring_case(one.name, name)) return one.kind;
    return std::nullopt;
}

[[noreturn]] void refuse(std::string_view header) {
    throw Problem(problems::invalid_input,
                  "The header " + std::string(header) + " holds no checksum that can be read.");
}

std::optional<std::string> read_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

// With the alphabet and the padding of RFC 4648, section 4.
std::optional<std::string> read_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::string url;
    for (const char c : text) {
        if (c == '-' || c == '_') return std::nullopt;
        url += c == '+' ? '-' : c == '/' ? '_' : c;
    }
    for (int padding = 0; padding < 2 && url.ends_with('='); ++padding) url.pop_back();
    return parse_base64url(url);
}

ExpectedDigest expect(std::string_view header, DigestKind kind, std::optional<std::string> bytes) {
    if (!bytes || bytes->size() != digest_bytes(kind)) refuse(header);
    return {.kind = kind, .bytes = *std::move(bytes)};
}

// "sha-256=:…:, md5=:…:" of RFC 9530, or the same without colons of RFC 3230.
std::vector<ExpectedDigest> read_list(std::string_view header, std::string_view value) {
    std::vector<ExpectedDigest> expected;
    for (const std::string_view member : http::split_list(value)) {
        const std::size_t equals = member.find('=');
        if (equals == member.npos) refuse(header);
        const auto kind = find_kind(algorithms, http::trim_whitespace(member.substr(0, equals)));
        if (!kind) continue;
        std::string_view text = http::trim_whitespace(member.substr(equals + 1));
        if (text.size() >= 2 && text.starts_with(':') && text.ends_with(':'))
            text = text.substr(1, text.size() - 2);
        expected.push_back(expect(header, *kind, read_base64(text)));
    }
    return expected;
}

std::string_view name_of(DigestKind kind) {
    switch (kind) {
        case DigestKind::sha256: return "SHA-256";
        case DigestKind::sha512: return "SHA-512";
        case DigestKind::sha1: return "SHA-1";
        case DigestKind::blake2b_256: return "BLAKE2b";
        case DigestKind::md5: break;
    }
    return "MD5";
}

std::string hex_of(std::string_view bytes) {
    return to_hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace

std::vector<ExpectedDigest> parse_checksum_header(std::string_view name, std::string_view value) {
    if (const auto kind = find_kind(hex_headers, name)) return {expect(name, *kind, read_hex(value))};
    if (http::equals_ignoring_case(name, "content-md5"))
        return {expect(name, DigestKind::md5, read_base64(value))};
    const bool is_list = std::ranges::any_of(
        lists, [&](std::string_view list) { return http::equals_ignoring_case(list, name); });
    return is_list ? read_list(name, value) : std::vector<ExpectedDigest>();
}

std::vector<ExpectedDigest> list_checksums(const http::ReceivedHeaders& headers) {
    std::vector<ExpectedDigest> all;
    for (const http::HeaderField& field : headers)
        for (ExpectedDigest& one : parse_checksum_header(field.name, field.value))
            all.push_back(std::move(one));
    return all;
}

std::vector<DigestKind> kinds_of(const std::vector<ExpectedDigest>& expected) {
    std::vector<DigestKind> kinds;
    for (const ExpectedDigest& one : expected)
        if (one.kind != DigestKind::sha256 && std::ranges::count(kinds, one.kind) == 0)
            kinds.push_back(one.kind);
    return kinds;
}

void check_checksums(const std::vector<ExpectedDigest>& expected, const blobs::Digests& digests) {
    for (const ExpectedDigest& one : expected) {
        const std::string found =
            one.kind == DigestKind::sha256
                ? std::string(reinterpret_cast<const char*>(digests.sha256.data()), digests.sha256.size())
                : digests.find(one.kind).value_or("");
        if (found == one.bytes) continue;
        throw Problem(problems::invalid_input, "What came is not what was announced: its " +
                                                   std::string(name_of(one.kind)) + " is " + hex_of(found) +
                                                   ", not " + hex_of(one.bytes) + "; send it again.");
    }
}

}  // namespace lodestone::formats::generic
