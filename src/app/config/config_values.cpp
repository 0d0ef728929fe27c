// Parsing and rendering of durations, sizes, addresses and URLs.
#include "app/config/config_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "base/limits.hpp"

namespace lodestone::app {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Largest first: rendering takes the first that divides the value.
constexpr std::array<Unit, 5> duration_units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 9> size_units{{{"TiB", 1024 * limits::gib},
                                          {"GiB", limits::gib},
                                          {"MiB", limits::mib},
                                          {"KiB", limits::kib},
                                          {"TB", 1'000'000'000'000},
                                          {"GB", 1'000'000'000},
                                          {"MB", 1'000'000},
                                          {"kB", 1'000},
                                          {"B", 1}}};
// A century; more is a mistake and would overflow deadlines.
constexpr std::uint64_t longest_duration_ms = 36'500ull * 86'400'000;

std::optional<std::uint64_t> parse_with_units(std::string_view text, std::span<const Unit> units) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_number(text.substr(0, digits));
    const std::string_view name = text.substr(digits);
    const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == name; });
    if (!number || unit == units.end()) return std::nullopt;
    if (*number > std::numeric_limits<std::int64_t>::max() / unit->factor) return std::nullopt;
    return *number * unit->factor;
}

std::string render_with_units(std::uint64_t value, std::span<const Unit> units) {
    for (const Unit& unit : units)
        if (value >= unit.factor && value % unit.factor == 0)
            return std::to_string(value / unit.factor) + std::string(unit.name);
    return {};
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    return std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    const auto value = parse_with_units(text, duration_units);
    if (!value || *value > longest_duration_ms) return std::nullopt;
    return std::chrono::milliseconds{static_cast<std::int64_t>(*value)};
}

std::string render_duration(std::chrono::milliseconds value) {
    if (value.count() <= 0) return "0s";
    return render_with_units(static_cast<std::uint64_t>(value.count()), duration_units);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    const bool is_plain = parse_number(text).has_value();
    return parse_with_units(is_plain ? std::string(text) + "B" : std::string(text), size_units);
}

std::string render_size(std::uint64_t size_bytes) {
    return size_bytes == 0 ? "0" : render_with_units(size_bytes, size_units);
}

std::string render_network(const http::Network& network) {
    if (network.is_unix) return "unix";
    const int prefix_bits = network.base.is_v4() ? network.prefix_bits - 96 : network.prefix_bits;
    return network.base.to_text() + "/" + std::to_string(prefix_bits);
}

std::optional<UrlParts> parse_url_parts(std::string_view text) {
    const bool is_clean = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    const auto scheme_end = text.find("://");
    if (!is_clean || scheme_end == std::string_view::npos || scheme_end == 0) return std::nullopt;
    UrlParts url;
    url.scheme = text.substr(0, scheme_end);
    if (!std::all_of(url.scheme.begin(), url.scheme.end(), is_letter_or_digit)) return std::nullopt;
    std::string_view authority = text.substr(scheme_end + 3);
    const auto authority_end = std::min(authority.find_first_of("/?#"), authority.size());
    url.rest = authority.substr(authority_end);
    authority = authority.substr(0, authority_end);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        url.user_info = authority.substr(0, at);
        authority = authority.substr(at + 1);
    }
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    url.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) {
        url.port = authority.substr(colon + 1);
        if (!http::parse_port(url.port)) return std::nullopt;
    }
    const bool has_brackets = !url.host.empty() && url.host.front() == '[';
    const bool is_host = has_brackets ? http::parse_address(url.host).has_value() : is_host_pattern(url.host);
    if (!is_host || url.host.front() == '*') return std::nullopt;
    return url;
}

bool has_password(const UrlParts& url) {
    const auto colon = url.user_info.find(':');
    return colon != std::string_view::npos && colon + 1 < url.user_info.size();
}

std::string hide_url_secrets(std::string_view text) {
    constexpr std::string_view hidden = "(hidden)";
    constexpr std::string_view separator = "://";
    const auto question = text.find('?');
    const std::string_view front = text.substr(0, question);
    const auto found = front.find(separator);
    const auto start = found == front.npos ? 0 : found + separator.size();
    // A password may hold any character by mistake, so the last @ counts, wherever it stands.
    const auto at = front.rfind('@');
    std::string shown(front.substr(0, start));
    const bool has_user = at != front.npos && at >= start;
    shown.append(has_user ? hidden : std::string_view()).append(front.substr(has_user ? at : start));
    if (question != text.npos) shown.append("?").append(hidden);
    return shown;
}

bool is_host_pattern(std::string_view text) {
    if (text.starts_with("*.")) text.remove_prefix(2);
    if (text.empty() || text.size() > 253) return false;
    while (true) {
        const auto dot = text.find('.');
        if (!is_label(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

}  // namespace lodestone::app
