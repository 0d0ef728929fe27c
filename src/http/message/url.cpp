// URLs: the authority letter by letter, then the rest; references are resolved by composing the text of the
// target and reading that as strictly as any other.
#include "http/message/url.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "base/limits.hpp"
#include "http/message/headers.hpp"
#include "http/message/network.hpp"

namespace lodestone::http {

namespace {

constexpr std::size_t name_bytes = 253;  // of a whole DNS name
constexpr std::size_t label_bytes = 63;  // of what stands between its dots

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Port 0 can be listened on, but not asked.
std::optional<std::uint16_t> parse_peer_port(std::string_view text) {
    const auto port = parse_port(text);
    return port == 0 ? std::nullopt : port;
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= label_bytes &&
           std::all_of(label.begin(), label.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

// inet_aton and many resolvers read a name whose last label is a number as an address: decimal, octal or
// hexadecimal, with one to four parts.
bool is_number(std::string_view label) {
    if (std::all_of(label.begin(), label.end(), is_digit)) return true;
    if (label.size() < 2 || label[0] != '0' || to_lower(label[1]) != 'x') return false;
    return std::all_of(label.begin() + 2, label.end(), [](char c) { return hex_value(c) >= 0; });
}

std::string_view find_name_fault(std::string_view name) {
    if (name.empty()) return "The URL names no host.";
    if (name.size() > name_bytes) return "The host's name is longer than 253 characters.";
    std::string_view label;
    for (std::string_view rest = name;; rest.remove_prefix(label.size() + 1)) {
        label = rest.substr(0, rest.find('.'));
        if (!is_label(label))
            return "The host must be a name of letters, digits, '-' and '_' between single dots, or an "
                   "address.";
        if (label.size() == rest.size()) break;
    }
    if (is_number(label) && !parse_address(name))
        return "A host that ends in a number must be an IPv4 address of four decimal bytes.";
    return {};
}

AuthorityResult parse_ipv6_authority(std::string_view literal, std::string_view rest) {
    const auto address = parse_address(literal);
    if (!address) return {{}, "What stands in brackets must be an IPv6 address without a zone."};
    if (address->is_v4()) return {{}, "Write an IPv4 address without the IPv6 form around it."};
    Authority authority{address->to_text(), std::nullopt, true};
    if (rest.empty()) return {std::move(authority), {}};
    if (rest.front() != ':') return {{}, "Only a port may follow an address in brackets."};
    authority.port = parse_peer_port(rest.substr(1));
    if (!authority.port) return {{}, "The port must be a number from 1 to 65535."};
    return {std::move(authority), {}};
}

bool is_target_character(char c) {
    // RFC 3986's pchar, '/' and '?', and the brackets and bar that common servers leave as they are.
    return is_letter(c) || is_digit(c) ||
           std::string_view("-._~!$&'()*+,;=:@/?%[]|").find(c) != std::string_view::npos;
}

std::string_view find_target_fault(std::string_view target) {
    if (!std::all_of(target.begin(), target.end(), is_target_character))
        return "The path and query of a URL are ASCII without spaces, controls, quotes and backslashes; "
               "escape others as %XX.";
    for (std::size_t i = target.find('%'); i != std::string_view::npos; i = target.find('%', i + 1))
        if (i + 2 >= target.size() || hex_value(target[i + 1]) < 0 || hex_value(target[i + 2]) < 0)
            return "The URL has a '%' that no two hexadecimal digits follow.";
    return {};
}

// Cuts the scheme and its colon off.
std::optional<std::string_view> take_scheme(std::string_view& text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || !is_letter(text.front())) return std::nullopt;
    const auto scheme = text.substr(0, colon);
    const bool is_scheme = std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    });
    if (!is_scheme) return std::nullopt;
    text.remove_prefix(colon + 1);
    return scheme;
}

// RFC 3986 §5.2.4 for a path that begins with '/': what climbs above the root stays at the root.
std::string remove_dot_segments(std::string_view path) {
    std::string result;
    while (!path.empty()) {
        const auto slash = path.find('/', 1);
        const auto segment = path.substr(0, slash);
        const bool is_last = slash == std::string_view::npos;
        path.remove_prefix(segment.size());
        const bool is_parent = segment == "/..";
        if (is_parent) result.erase(std::min(result.rfind('/'), result.size()));
        if (!is_parent && segment != "/.")
            result += segment;
        else if (is_last)
            result += '/';
    }
    return result;
}

}  // namespace

AuthorityResult parse_authority(std::string_view text) {
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return {{}, "The bracket around the address is not closed."};
        return parse_ipv6_authority(text.substr(0, end + 1), text.substr(end + 1));
    }
    const auto colon = text.find(':');
    const auto name = text.substr(0, colon);
    if (const auto fault = find_name_fault(name); !fault.empty()) return {{}, fault};
    Authority authority{std::string(name), std::nullopt, false};
    std::transform(name.begin(), name.end(), authority.host.begin(), to_lower);
    if (colon == std::string_view::npos) return {std::move(authority), {}};
    authority.port = parse_peer_port(text.substr(colon + 1));
    if (!authority.port) return {{}, "The port must be a number from 1 to 65535."};
    return {std::move(authority), {}};
}

UrlResult parse_url(std::string_view text) {
    if (text.size() > limits::url_bytes) return {{}, "The URL is too long."};
    const auto scheme = take_scheme(text);
    if (!scheme || !text.starts_with("//")) return {{}, "A URL begins with http:// or https://."};
    Url url;
    if (equals_ignoring_case(*scheme, "https")) url.scheme = "https";
    if (equals_ignoring_case(*scheme, "http")) url.scheme = "http";
    if (url.scheme.empty()) return {{}, "Only http and https URLs are understood here."};

    text.remove_prefix(2);
    const auto authority_text = text.substr(0, text.find_first_of("/?#"));
    if (authority_text.find('@') != std::string_view::npos)
        return {{}, "A URL must not hold a user name or password; configure credentials beside it."};
    auto [authority, fault] = parse_authority(authority_text);
    if (!authority) return {{}, fault};
    url.host = std::move(authority->host);
    url.is_ipv6_literal = authority->is_ipv6_literal;
    url.port = authority->port.value_or(url.is_secure() ? 443 : 80);

    text.remove_prefix(authority_text.size());
    const auto target = text.substr(0, text.find('#'));
    // The fragment is checked too, so that nothing odd hides in what goes into logs and messages.
    for (const auto part : {target, text.substr(std::min(target.size() + 1, text.size()))})
        if (const auto target_fault = find_target_fault(part); !target_fault.empty())
            return {{}, target_fault};
    if (!target.starts_with('/')) url.path_and_query = "/";
    url.path_and_query += target;
    return {std::move(url), {}};
}

UrlResult resolve_reference(const Url& base, std::string_view reference) {
    if (reference.size() > limits::url_bytes) return {{}, "The URL is too long."};
    std::string origin = base.scheme + "://" + base.authority();
    std::string_view after_scheme = reference;
    const bool has_scheme = take_scheme(after_scheme).has_value();
    if (has_scheme || reference.starts_with("//")) {
        auto result =
            parse_url(has_scheme ? std::string(reference) : base.scheme + ":" + std::string(reference));
        if (!result.url) return result;
        std::string& target = result.url->path_and_query;
        const auto query_start = std::min(target.find('?'), target.size());
        target.replace(0, query_start, remove_dot_segments(target.substr(0, query_start)));
        return result;
    }

    const auto path = reference.substr(0, reference.find_first_of("?#"));
    const auto suffix = reference.substr(path.size());
    const std::string_view base_target = base.path_and_query;
    const auto base_path = base_target.substr(0, base_target.find('?'));
    if (path.empty()) {
        const auto kept = suffix.starts_with('?') ? base_path : base_target;
        return parse_url(origin.append(kept).append(suffix));
    }
    std::string merged(path);
    if (!path.starts_with('/')) merged.insert(0, base_path.substr(0, base_path.rfind('/') + 1));
    return parse_url(origin.append(remove_dot_segments(merged)).append(suffix));
}

std::string Url::authority() const {
    std::string text = is_ipv6_literal ? "[" + host + "]" : host;
    if (!has_default_port()) text += ":" + std::to_string(port);
    return text;
}

std::string render_url(const Url& url) {
    return url.scheme + "://" + url.authority() + url.path_and_query;
}

bool has_same_origin(const Url& a, const Url& b) {
    return a.scheme == b.scheme && a.host == b.host && a.port == b.port &&
           a.is_ipv6_literal == b.is_ipv6_literal;
}

}  // namespace lodestone::http
