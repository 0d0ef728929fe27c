// The values that settings are written in: durations, sizes, URLs. Parsing answers
// nothing for what is malformed; rendering gives the spelling that parses back to the same value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message/network.hpp"
#include "http/server/listen_address.hpp"

namespace lodestone::app {

using http::ListenAddress;
using http::parse_listen_address;
using http::render_listen_address;

// "500ms", "30s", "2m", "12h", "7d": a whole number and a unit.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string render_duration(std::chrono::milliseconds value);

// "512" or "512B" (bytes), "64KiB", "1MiB", "2GiB", "1TiB" (powers of 1024), "64kB", "1MB", "1GB", "1TB".
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string render_size(std::uint64_t size_bytes);

// Decimal digits only: no sign, no space, no overflow.
std::optional<std::uint64_t> parse_number(std::string_view text);

std::string render_network(const http::Network& network);

// What a URL of `scheme://authority/path?query` consists of, of any scheme and with its user information, as
// databases have it (http/message/url.hpp is for the web's); the views point into the text.
struct UrlParts {
    std::string_view scheme;
    std::string_view user_info;  // "user:password", without the @
    std::string_view host;       // with its brackets when it has some
    std::string_view port;
    std::string_view rest;  // from the first slash, question mark or hash on
};
// Nothing for relative ones, those without a host, and those with spaces or control characters.
std::optional<UrlParts> parse_url_parts(std::string_view text);
// The user information holds a colon with something behind it.
bool has_password(const UrlParts& url);

// What may be shown of a URL, sound or not: neither its user information nor its query, where keys stand.
std::string hide_url_secrets(std::string_view text);

// A DNS name of letters, digits, hyphens and dots, possibly beginning with "*." for everything below it.
bool is_host_pattern(std::string_view text);

}  // namespace lodestone::app
