// Strict: what another program might read differently is refused.
#include "cache/redis_url.hpp"

#include <algorithm>
#include <charconv>

#include "base/redis_limits.hpp"

namespace lodestone::cache {

namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end || value > most) return std::nullopt;
    return value;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> unescape(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        if (text.size() - at < 3) return std::nullopt;
        const int high = hex_digit(text[at + 1]);
        const int low = hex_digit(text[at + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return out;
}

bool read_user(std::string_view text, RedisUrl& url) {
    const std::size_t colon = text.find(':');
    if (colon == text.npos || text.find('@') != text.npos) return false;
    auto user = unescape(text.substr(0, colon));
    auto password = unescape(text.substr(colon + 1));
    if (!user || !password || password->empty()) return false;
    url.user = *std::move(user);
    url.password = *std::move(password);
    return true;
}

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= limits::domain_bytes && std::ranges::all_of(host, [](char c) {
        return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
    });
}

bool is_ipv6(std::string_view host) {
    return host.find(':') != host.npos &&
           std::ranges::all_of(host, [](char c) { return hex_digit(c) >= 0 || c == ':' || c == '.'; });
}

bool read_place(std::string_view text, RedisUrl& url) {
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == text.npos || !is_ipv6(text.substr(1, end - 1))) return false;
        url.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else {
        const std::size_t colon = text.find(':');
        if (!is_host(text.substr(0, colon))) return false;
        url.host = text.substr(0, colon);
        port = colon == text.npos ? std::string_view() : text.substr(colon);
    }
    if (port.empty()) return true;
    const auto number = parse_number(port.substr(1), 65'535);
    if (port.front() != ':' || !number || *number == 0) return false;
    url.port = static_cast<std::uint16_t>(*number);
    return true;
}

}  // namespace

std::optional<RedisUrl> parse_redis_url(std::string_view text) {
    constexpr std::string_view plain = "redis://", secure = "rediss://";
    RedisUrl url;
    url.is_tls = text.starts_with(secure);
    if (text.size() > limits::redis_url_bytes || (!url.is_tls && !text.starts_with(plain)))
        return std::nullopt;
    text.remove_prefix(url.is_tls ? secure.size() : plain.size());
    const bool is_visible = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
    if (!is_visible || text.find_first_of("?#") != text.npos) return std::nullopt;
    const std::size_t slash = text.find('/');
    const std::string_view path = slash == text.npos ? std::string_view() : text.substr(slash + 1);
    text = text.substr(0, slash);
    if (const std::size_t at = text.rfind('@'); at != text.npos) {
        if (!read_user(text.substr(0, at), url)) return std::nullopt;
        text.remove_prefix(at + 1);
    }
    if (!read_place(text, url)) return std::nullopt;
    if (path.empty()) return url;
    const auto database = parse_number(path, limits::redis_database_most);
    if (!database) return std::nullopt;
    url.database = static_cast<std::uint32_t>(*database);
    return url;
}

std::string render_redis_place(const RedisUrl& url) {
    const bool is_literal = url.host.find(':') != std::string::npos;
    return (url.is_tls ? "rediss://" : "redis://") + (is_literal ? '[' + url.host + ']' : url.host) + ':' +
           std::to_string(url.port) + '/' + std::to_string(url.database);
}

}  // namespace lodestone::cache
