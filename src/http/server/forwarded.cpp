// Forwarded headers, read from their right end: that is where the nearest proxy wrote, so nothing that a
// client put in front (an open quote, say) changes how its word is read.
#include "http/server/forwarded.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "http/message/parameters.hpp"
#include "http/message/url.hpp"

namespace lodestone::http {

namespace {

struct Node {
    Address address;
    std::uint16_t port = 0;
};

// What one proxy says about who spoke to it.
struct Hop {
    std::optional<Node> node;  // absent: "unknown", an obfuscated name, or nonsense
    std::string protocol;
    std::string host;
    bool is_sound = true;
};

std::optional<std::uint16_t> parse_node_port(std::string_view text) {
    if (text.starts_with('_')) return 0;  // obfuscated
    std::uint32_t port = 0;
    if (text.empty() || text.size() > 5) return std::nullopt;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        port = port * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (port > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

// "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]", "[2001:db8::1]:80", and "2001:db8::1" as X-Forwarded-For has
// it.
std::optional<Node> parse_node(std::string_view text) {
    auto host = text;
    std::uint16_t port = 0;
    const auto last_colon = text.rfind(':');
    const bool is_bracketed = text.starts_with('[');
    const bool has_port = last_colon != std::string_view::npos &&
                          (is_bracketed ? text[last_colon - 1] == ']' : text.find(':') == last_colon);
    if (has_port) {
        const auto parsed = parse_node_port(text.substr(last_colon + 1));
        if (!parsed) return std::nullopt;
        port = *parsed;
        host = text.substr(0, last_colon);
    }
    const auto address = parse_address(host);
    if (!address) return std::nullopt;
    return Node{*address, port};
}

bool is_escaped(std::string_view text, std::size_t position) {
    std::size_t backslashes = 0;
    while (backslashes < position && text[position - 1 - backslashes] == '\\') ++backslashes;
    return backslashes % 2 == 1;
}

// The members of one header line from right to left; empty ones are kept, since a proxy that wrote nothing
// vouches for nothing.
void append_reversed(std::string_view line, std::vector<std::string_view>& members) {
    bool is_quoted = false;
    std::size_t end = line.size();
    for (std::size_t i = line.size(); i-- > 0 && members.size() < limits::proxy_hops;) {
        if (line[i] == '"' && !is_escaped(line, i)) is_quoted = !is_quoted;
        if (line[i] != ',' || is_quoted) continue;
        members.push_back(trim_whitespace(line.substr(i + 1, end - i - 1)));
        end = i;
    }
    if (members.size() < limits::proxy_hops) members.push_back(trim_whitespace(line.substr(0, end)));
}

// Of all lines of that name, the nearest proxy's word first.
std::vector<std::string_view> list_reversed(const ReceivedHeaders& headers, std::string_view name) {
    std::vector<std::string_view> members;
    for (auto field = headers.end(); field != headers.begin();) {
        --field;
        if (equals_ignoring_case(field->name, name)) append_reversed(field->value, members);
    }
    return members;
}

// An element with many parameters is no proxy's word: comparing each with those before takes a moment only
// for few.
Hop parse_forwarded_element(std::string_view element) {
    Hop hop;
    std::vector<std::string_view> seen;
    const auto parts = split_outside_quotes(element, ';');
    if (parts.size() > limits::header_parameters) return Hop{{}, {}, {}, false};
    for (const auto part : parts) {
        if (part.empty()) continue;
        const auto parameter = parse_parameter(part);
        const bool is_repeated =
            parameter && std::any_of(seen.begin(), seen.end(), [&](std::string_view name) {
                return equals_ignoring_case(name, parameter->name);
            });
        if (!parameter || is_repeated) return Hop{{}, {}, {}, false};
        seen.push_back(parameter->name);
        if (equals_ignoring_case(parameter->name, "for")) hop.node = parse_node(parameter->value);
        if (equals_ignoring_case(parameter->name, "proto")) hop.protocol = parameter->value;
        if (equals_ignoring_case(parameter->name, "host")) hop.host = parameter->value;
    }
    return hop;
}

bool has_proxy_traces(const ReceivedHeaders& headers) {
    constexpr std::string_view traces[] = {
        "Forwarded",        "X-Forwarded-For",    "X-Forwarded-Proto", "X-Forwarded-Host",
        "X-Forwarded-Port", "X-Forwarded-Server", "X-Real-IP",         "Via"};
    return std::any_of(headers.begin(), headers.end(), [&](const HeaderField& field) {
        return std::any_of(std::begin(traces), std::end(traces),
                           [&](std::string_view name) { return equals_ignoring_case(field.name, name); });
    });
}

void believe_request_line(const Hop& hop, Peer& peer) {
    if (equals_ignoring_case(hop.protocol, "https")) peer.is_secure = true;
    if (equals_ignoring_case(hop.protocol, "http")) peer.is_secure = false;
    if (parse_authority(hop.host).authority) peer.host = hop.host;
}

// False when the walk ends here: at a hop that is not a proxy of ours, or at one that says nothing sound.
bool believe(const Hop& hop, std::span<const Network> trusted_proxies, Peer& peer) {
    if (!hop.is_sound) return false;
    believe_request_line(hop, peer);
    if (!hop.node) return false;
    peer.address = hop.node->address.to_text();
    peer.port = hop.node->port;
    return is_in_networks(peer.address, trusted_proxies);
}

// Elements are read one by one, for as long as they are believed: what a client wrote before costs nothing.
void follow_forwarded(const ReceivedHeaders& headers, std::span<const Network> trusted_proxies, Peer& peer) {
    for (const auto element : list_reversed(headers, "Forwarded"))
        if (!believe(parse_forwarded_element(element), trusted_proxies, peer)) return;
}

// Some proxies append to X-Forwarded-Proto and -Host as to X-Forwarded-For, others overwrite. Lists of one
// length belong together; else only the last member is surely the direct proxy's.
std::string_view find_said(const std::vector<std::string_view>& values, std::size_t hop,
                           std::size_t hop_count) {
    const bool is_said = values.size() == hop_count || (hop == 0 && !values.empty());
    return is_said ? values[hop] : std::string_view();
}

void follow_x_forwarded(const ReceivedHeaders& headers, std::span<const Network> trusted_proxies,
                        Peer& peer) {
    const auto nodes = list_reversed(headers, "X-Forwarded-For");
    const auto protocols = list_reversed(headers, "X-Forwarded-Proto");
    const auto hosts = list_reversed(headers, "X-Forwarded-Host");
    const std::size_t hop_count = std::max<std::size_t>(nodes.size(), 1);
    for (std::size_t i = 0; i < hop_count; ++i) {
        Hop hop;
        if (i < nodes.size()) hop.node = parse_node(nodes[i]);
        hop.protocol = find_said(protocols, i, hop_count);
        hop.host = find_said(hosts, i, hop_count);
        if (!believe(hop, trusted_proxies, peer)) return;
    }
}

}  // namespace

void apply_forwarded(const ReceivedHeaders& headers, std::span<const Network> trusted_proxies,
                     ForwardedFamily family, Peer& peer) {
    const bool is_proxy = is_in_networks(peer.address, trusted_proxies);
    if (is_proxy || has_proxy_traces(headers)) peer.is_local = false;
    peer.is_proxied = is_proxy;
    if (!is_proxy) return;
    switch (family) {
        case ForwardedFamily::x_forwarded: return follow_x_forwarded(headers, trusted_proxies, peer);
        case ForwardedFamily::forwarded: return follow_forwarded(headers, trusted_proxies, peer);
    }
}

}  // namespace lodestone::http
