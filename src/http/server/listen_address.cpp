// Reading and writing addresses to listen on.
#include "http/server/listen_address.hpp"

#include "base/limits.hpp"
#include "http/message/network.hpp"

namespace lodestone::http {

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
    constexpr std::string_view unix_prefix = "unix:";
    ListenAddress address;
    if (text == "systemd") {
        address.kind = ListenAddress::Kind::systemd;
        return address;
    }
    if (text.starts_with(unix_prefix)) {
        address.kind = ListenAddress::Kind::unix_socket;
        address.path = text.substr(unix_prefix.size());
        const bool fits = !address.path.empty() && address.path.size() <= limits::socket_path_bytes;
        return fits && address.path.find('\0') == std::string::npos ? std::optional(address) : std::nullopt;
    }
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const auto port = parse_port(text.substr(colon + 1));
    const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (has_brackets) host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    // Without brackets, "::1:8080" could mean two things.
    const bool is_v6 = host.find(':') != std::string_view::npos;
    if (!port || is_v6 != has_brackets || !parse_address(host)) return std::nullopt;
    address.host = host;
    address.port = *port;
    return address;
}

std::string render_listen_address(const ListenAddress& address) {
    switch (address.kind) {
        case ListenAddress::Kind::systemd: return "systemd";
        case ListenAddress::Kind::unix_socket: return "unix:" + address.path;
        case ListenAddress::Kind::tcp: break;
    }
    const bool is_v6 = address.host.find(':') != std::string::npos;
    return (is_v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace lodestone::http
