// One datagram to the socket that NOTIFY_SOCKET names; a leading '@' means the abstract namespace.
#include "http/server/supervisor.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/unique_fd.hpp"

namespace lodestone::http {

void notify_supervisor(std::string_view state) {
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un name{};
    if (path == nullptr || std::strlen(path) >= sizeof name.sun_path) return;
    name.sun_family = AF_UNIX;
    std::strcpy(name.sun_path, path);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
    if (name.sun_path[0] == '@') name.sun_path[0] = '\0';
    const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ::sendto(socket.value(), state.data(), state.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&name), size);
}

}  // namespace lodestone::http
