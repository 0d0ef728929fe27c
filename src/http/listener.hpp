// Where the server listens: TCP addresses, Unix sockets, and sockets that systemd opened for us.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.hpp"

namespace lodestone::http {

struct ListenAddress {
    enum class Kind { tcp, unix_socket, inherited } kind = Kind::tcp;
    std::string host;  // tcp: a literal address, or empty for every address
    std::uint16_t port = 0;
    std::string path;  // unix_socket
};

// "127.0.0.1:8080", "[::1]:0", ":8080", "localhost:80", "unix:/path", "systemd". Throws
// Problem(invalid_input).
ListenAddress parse_listen_address(std::string_view text);

struct Listener {
    UniqueFd fd;
    bool is_tls = false;
    bool is_unix = false;
    std::string unix_path;  // removed at the end if we made it
    std::string url;        // "http://127.0.0.1:41373", "unix:/path": what to tell people
};

// Opens what one address stands for; "systemd" may give several. Throws Problem(invalid_input) that names the
// address and what to do: the port is in use, not allowed, not ours.
std::vector<Listener> open_listeners(const ListenAddress& address, bool is_tls);

}  // namespace lodestone::http
