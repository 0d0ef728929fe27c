// Opening listening sockets, and errors about them that say what to do.
#include "http/server/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "base/problem.hpp"
#include "http/message/network.hpp"

namespace lodestone::http {

namespace {

constexpr int backlog = 4096;
constexpr int first_inherited_fd = 3;  // sd_listen_fds(3)

[[noreturn]] void refuse(std::string text) {
    throw Problem(problems::invalid_input, std::move(text));
}

template <class T>
std::optional<T> parse_whole_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

void set_option(int fd, int level, int name) {
    const int on = 1;
    ::setsockopt(fd, level, name, &on, sizeof on);
}

// The address that the kernel really gave: port 0 has become a number.
std::string local_url(int fd, bool is_tls) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size);
    std::array<char, INET6_ADDRSTRLEN> text{};
    const std::string scheme = is_tls ? "https://" : "http://";
    if (storage.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
        return scheme + "[" + text.data() + "]:" + std::to_string(ntohs(v6.sin6_port));
    }
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return scheme + text.data() + ":" + std::to_string(ntohs(v4.sin_port));
}

std::string explain_bind(const std::string& name, int error) {
    if (error == EADDRINUSE)
        return "Cannot listen on " + name +
               ": another program uses that port. Stop it, or choose another with --listen.";
    if (error == EACCES)
        return "Cannot listen on " + name + ": ports below 1024 need the capability CAP_NET_BIND_SERVICE.";
    if (error == EADDRNOTAVAIL) return "Cannot listen on " + name + ": this machine has no such address.";
    return "Cannot listen on " + name + ": " + std::strerror(error) + ".";
}

Listener open_tcp(const ListenAddress& address, bool is_tls) {
    const std::string host = address.host.empty()          ? "::"
                             : address.host == "localhost" ? "127.0.0.1"
                                                           : address.host;
    sockaddr_in6 v6{};
    sockaddr_in v4{};
    const bool is_v6 = ::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1;
    if (!is_v6 && ::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1)
        refuse("Cannot listen on \"" + address.host +
               "\": give a literal address such as 127.0.0.1 or [::1].");
    v6.sin6_family = AF_INET6;
    v4.sin_family = AF_INET;
    v6.sin6_port = v4.sin_port = htons(address.port);

    Listener listener;
    listener.is_tls = is_tls;
    listener.fd =
        UniqueFd(::socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int fd = listener.fd.value();
    const std::string name = render_listen_address(address);
    if (fd < 0) refuse(explain_bind(name, errno));
    set_option(fd, SOL_SOCKET, SO_REUSEADDR);
    // Accepted sockets inherit these: one system call less per connection.
    set_option(fd, IPPROTO_TCP, TCP_NODELAY);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE);
    // "[::]" means every address, of both families, as people expect.
    const int only_v6 = host == "::" ? 0 : 1;
    if (is_v6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_v6, sizeof only_v6);
    const auto* name_pointer =
        is_v6 ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
    if (::bind(fd, name_pointer, is_v6 ? sizeof v6 : sizeof v4) != 0 || ::listen(fd, backlog) != 0)
        refuse(explain_bind(name, errno));
    listener.url = local_url(fd, is_tls);
    return listener;
}

// A socket file that nobody answers on is left over from a crash; one that answers belongs to a running
// server.
void remove_stale_socket(const std::string& path, const sockaddr_un& name) {
    struct stat found{};
    if (::lstat(path.c_str(), &found) != 0) return;
    if (!S_ISSOCK(found.st_mode))
        refuse("Cannot listen on unix:" + path + ": a file that is no socket is in the way.");
    const UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const bool is_alive =
        ::connect(probe.value(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ||
        errno == EAGAIN;  // a queue that is full right now
    if (is_alive)
        refuse("Cannot listen on unix:" + path +
               ": another program listens there. Stop it, or choose another path.");
    if (errno != ECONNREFUSED) refuse(explain_bind("unix:" + path, errno));
    ::unlink(path.c_str());
}

Listener open_unix(const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof name.sun_path)
        refuse("Cannot listen on unix:" + path + ": the path must be 1 to 107 bytes long.");
    std::memcpy(name.sun_path, path.data(), path.size());
    remove_stale_socket(path, name);
    Listener listener;
    listener.is_unix = true;
    listener.fd = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    // Only our user and group may connect: a Unix socket counts as this machine's operator.
    if (::bind(listener.fd.value(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
        refuse(explain_bind("unix:" + path, errno));
    listener.unix_file.reset(new std::string(path));
    if (::chmod(path.c_str(), 0660) != 0 || ::listen(listener.fd.value(), backlog) != 0)
        refuse(explain_bind("unix:" + path, errno));
    listener.url = "unix:" + path;
    return listener;
}

std::vector<Listener> take_inherited(bool is_tls) {
    const char* pid = std::getenv("LISTEN_PID");
    const char* count = std::getenv("LISTEN_FDS");
    const int passed = count == nullptr ? 0 : parse_whole_number<int>(count).value_or(0);
    if (pid == nullptr || passed <= 0 || parse_whole_number<pid_t>(pid) != ::getpid())
        refuse(
            "Cannot listen on \"systemd\": no sockets were passed in. Start through the socket unit, or "
            "choose an address.");
    std::vector<Listener> listeners;
    for (int i = 0; i < passed; ++i) {
        Listener listener;
        listener.fd = UniqueFd(first_inherited_fd + i);
        const int fd = listener.fd.value();
        sockaddr_storage name{};
        socklen_t size = sizeof name;
        if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0)
            refuse("Cannot listen on \"systemd\": descriptor " + std::to_string(fd) + " is not a socket.");
        int is_listening = 0;
        socklen_t flag_size = sizeof is_listening;
        ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &flag_size);
        if (is_listening == 0)
            refuse("Cannot listen on \"systemd\": descriptor " + std::to_string(fd) +
                   " is a socket that does not listen.");
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
        listener.is_unix = name.ss_family == AF_UNIX;
        listener.is_tls = is_tls;
        listener.is_inherited = true;
        if (!listener.is_unix) set_option(fd, IPPROTO_TCP, TCP_NODELAY);
        listener.url = listener.is_unix ? "unix:(from systemd)" : local_url(fd, is_tls);
        listeners.push_back(std::move(listener));
    }
    // They are ours now; a program that we start must not take them for its own.
    ::unsetenv("LISTEN_PID");
    ::unsetenv("LISTEN_FDS");
    return listeners;
}

}  // namespace

void RemoveFile::operator()(const std::string* path) const {
    ::unlink(path->c_str());
    delete path;
}

std::vector<Listener> open_listeners(const ListenAddress& address, bool is_tls) {
    if (address.kind == ListenAddress::Kind::systemd) return take_inherited(is_tls);
    std::vector<Listener> listeners;
    listeners.push_back(address.kind == ListenAddress::Kind::tcp ? open_tcp(address, is_tls)
                                                                 : open_unix(address.path));
    return listeners;
}

}  // namespace lodestone::http
