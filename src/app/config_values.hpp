// The values that settings are written in: durations, sizes, addresses to listen on, URLs. Parsing answers
// nothing for what is malformed; rendering gives the spelling that parses back to the same value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/network.hpp"

namespace lodestone::app {

// "500ms", "30s", "2m", "12h", "7d": a whole number and a unit.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string render_duration(std::chrono::milliseconds value);

// "512" or "512B" (bytes), "64KiB", "1MiB", "2GiB", "1TiB" (powers of 1024), "64kB", "1MB", "1GB", "1TB".
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string render_size(std::uint64_t size_bytes);

// Decimal digits only: no sign, no space, no overflow.
std::optional<std::uint64_t> parse_number(std::string_view text);

struct ListenAddress {
    enum class Kind { tcp, unix_socket, systemd };
    Kind kind = Kind::tcp;
    std::string host;  // an IP address without brackets; only for tcp
    std::uint16_t port = 0;
    std::string path;  // only for unix_socket
    friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};
// "127.0.0.1:8080", "[::]:8080", "localhost:8080", "unix:/run/lodestone/lodestone.sock", "systemd".
std::optional<ListenAddress> parse_listen_address(std::string_view text);
std::string render_listen_address(const ListenAddress& address);

std::string render_network(const http::Network& network);

// What a URL of `scheme://authority/path?query` consists of; the views point into the text.
struct UrlParts {
    std::string_view scheme;
    std::string_view user_info;  // "user:password", without the @
    std::string_view host;       // with its brackets when it has some
    std::string_view port;
    std::string_view rest;  // from the first slash, question mark or hash on
};
// Nothing for relative ones, those without a host, and those with spaces or control characters.
std::optional<UrlParts> parse_url(std::string_view text);
// The user information holds a colon with something behind it.
bool has_password(const UrlParts& url);

// A DNS name of letters, digits, hyphens and dots, possibly beginning with "*." for everything below it.
bool is_host_pattern(std::string_view text);

}  // namespace lodestone::app
