// The probe's socket: connect, send, read to the end, each within what is left of the time.
#include "http/server/health_probe.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/json_text.hpp"
#include "base/limits.hpp"
#include "base/unique_fd.hpp"

namespace lodestone::http {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t shown_bytes = 500;

class Probe {
  public:
    explicit Probe(std::chrono::milliseconds timeout) : deadline_(Steady::now() + timeout) {}

    ProbeAnswer run(const ProbeTarget& target) {
        const bool is_unix = target.address.kind == ListenAddress::Kind::unix_socket;
        const bool is_connected = is_unix ? connect_unix(target.address.path) : connect_tcp(target.address);
        if (!is_connected) return {0, "cannot connect: " + fault_};
        const std::string request = "GET " + target.path + " HTTP/1.1\r\nHost: " + target.host_field +
                                    "\r\nUser-Agent: lodestone-healthcheck\r\nConnection: close\r\n\r\n";
        std::string answer;
        if (!send_all(request) || !read_all(answer)) return {0, "no answer: " + fault_};
        return parse(answer);
    }

  private:
    bool fail(std::string why) {
        fault_ = std::move(why);
        return false;
    }
    bool fail_with_errno(int error) { return fail(std::generic_category().message(error)); }

    bool wait(short events) {
        while (true) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Steady::now()).count();
            if (left <= 0) return fail("timed out");
            pollfd entry{.fd = socket_.value(), .events = events, .revents = 0};
            const int count = ::poll(&entry, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
            if (count > 0) return true;
            if (count < 0 && errno != EINTR) return fail_with_errno(errno);
        }
    }

    bool connect(const sockaddr* address, socklen_t size) {
        socket_.reset(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket_.is_open()) return fail_with_errno(errno);
        if (::connect(socket_.value(), address, size) == 0) return true;
        if (errno != EINPROGRESS) return fail_with_errno(errno);
        if (!wait(POLLOUT)) return false;
        int error = 0;
        socklen_t error_size = sizeof error;
        ::getsockopt(socket_.value(), SOL_SOCKET, SO_ERROR, &error, &error_size);
        return error == 0 || fail_with_errno(error);
    }

    bool connect_unix(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.size() >= sizeof address.sun_path) return fail("the socket's path is too long");
        std::copy(path.begin(), path.end(), address.sun_path);
        return connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
    }

    bool connect_tcp(const ListenAddress& target) {
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        const int code =
            ::getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &found);
        if (code != 0) return fail(target.host + ": " + ::gai_strerror(code));
        const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
        for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next)
            if (connect(entry->ai_addr, entry->ai_addrlen)) return true;
        return false;
    }

    bool send_all(std::string_view text) {
        while (!text.empty()) {
            if (!wait(POLLOUT)) return false;
            const ssize_t size = ::send(socket_.value(), text.data(), text.size(), MSG_NOSIGNAL);
            if (size < 0 && errno != EINTR && errno != EAGAIN) return fail_with_errno(errno);
            if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
        }
        return true;
    }

    bool read_all(std::string& text) {
        std::array<char, 4096> buffer;
        while (text.size() < limits::healthcheck_answer_bytes) {
            if (!wait(POLLIN)) return false;
            const ssize_t size = ::recv(socket_.value(), buffer.data(), buffer.size(), 0);
            if (size == 0) break;
            if (size < 0 && errno != EINTR && errno != EAGAIN) return fail_with_errno(errno);
            if (size > 0) text.append(buffer.data(), static_cast<std::size_t>(size));
        }
        return true;
    }

    static ProbeAnswer parse(std::string_view answer) {
        constexpr std::string_view beginning = "HTTP/1.";
        constexpr std::size_t status_start = 9;  // "HTTP/1.1 200"
        if (answer.empty()) return {0, "no answer: the connection was closed"};
        int status = 0;
        const std::string_view digits = answer.substr(std::min(status_start, answer.size()), 3);
        std::from_chars(digits.data(), digits.data() + digits.size(), status);
        if (!answer.starts_with(beginning) || status < 100) return {0, "the answer is not HTTP"};
        const auto end = answer.find("\r\n\r\n");
        std::string body(end == std::string_view::npos ? std::string_view()
                                                       : answer.substr(end + 4, shown_bytes));
        std::ranges::replace_if(body, [](char c) { return c == '\r' || c == '\n' || c == '\t'; }, ' ');
        while (!body.empty() && body.back() == ' ') body.pop_back();
        // What comes from the network does not get to move the terminal's cursor.
        std::string detail;
        append_harmless(detail, body);
        return {status, std::move(detail)};
    }

    Steady::time_point deadline_;
    UniqueFd socket_;
    std::string fault_;
};

}  // namespace

ProbeAnswer probe(const ProbeTarget& target, std::chrono::milliseconds timeout) {
    return Probe(timeout).run(target);
}

}  // namespace lodestone::http
