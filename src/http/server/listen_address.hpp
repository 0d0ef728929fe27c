// What to listen on, as people write it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone::http {

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

}  // namespace lodestone::http
