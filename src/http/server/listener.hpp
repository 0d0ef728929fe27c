// Where the server listens: TCP addresses, Unix sockets, and sockets that systemd opened for us.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "http/server/listen_address.hpp"

namespace lodestone::http {

// A socket file that we made goes when we go, also when the start fails half-way.
struct RemoveFile {
    void operator()(const std::string* path) const;
};

struct Listener {
    UniqueFd fd;
    bool is_tls = false;
    bool is_unix = false;
    bool is_inherited = false;  // systemd keeps it open and queues connections for our successor
    std::unique_ptr<const std::string, RemoveFile> unix_file;
    std::string url;  // "http://127.0.0.1:41373", "unix:/path": what to tell people
};

// Opens what one address stands for; "systemd" may give several. Throws Problem(invalid_input) that names the
// address and what to do: the port is in use, not allowed, not ours.
std::vector<Listener> open_listeners(const ListenAddress& address, bool is_tls);

}  // namespace lodestone::http
