// Absolute http and https URLs for our own client: read strictly, because two readers who disagree about
// which host a URL names are how a guard against forged requests is walked around (RFC 3986).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone::http {

// "host[:port]" as it stands in a URL, a Host header or X-Forwarded-Host.
struct Authority {
    std::string host;  // lower case; an IPv6 address stands without its brackets
    std::optional<std::uint16_t> port;
    bool is_ipv6_literal = false;
    friend bool operator==(const Authority&, const Authority&) = default;
};

struct Url {
    std::string scheme;  // "http" or "https"
    std::string host;    // lower case; an IPv6 address stands without its brackets
    std::uint16_t port = 0;
    std::string path_and_query;  // as it goes into the request line: begins with '/', has no fragment
    bool is_ipv6_literal = false;

    bool is_secure() const { return scheme == "https"; }
    bool has_default_port() const { return port == (is_secure() ? 443 : 80); }
    // For the Host header: the port only where it is not the scheme's own.
    std::string authority() const;
    friend bool operator==(const Url&, const Url&) = default;
};

// Either the value or `fault`, one sentence for whoever wrote the text.
struct AuthorityResult {
    std::optional<Authority> authority;
    std::string_view fault;
};
struct UrlResult {
    std::optional<Url> url;
    std::string_view fault;
};

// Refused: names that are not letters, digits, '-' and '_' (no IDNA: write xn-- names), empty labels, a port
// that is not 1–65535, and every number that some resolvers would take for an address but that is not four
// plain decimal bytes ("0x7f.1", "127.1", "2130706433").
AuthorityResult parse_authority(std::string_view text);

// Refuses user names and passwords, spaces, controls, backslashes, bad escapes and everything but ASCII. A
// fragment is dropped, since no server ever sees one.
UrlResult parse_url(std::string_view text);

// Where a Location leads from `base` (RFC 3986 §5.2), with its dot segments resolved.
UrlResult resolve_reference(const Url& base, std::string_view reference);

std::string render_url(const Url& url);

// Scheme, host and port agree: credentials may follow a redirect there.
bool has_same_origin(const Url& a, const Url& b);

}  // namespace lodestone::http
