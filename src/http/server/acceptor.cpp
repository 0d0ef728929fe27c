// The doorman: takes connections from a listener's queue, admits or turns them away, and hands them to the
// loops. (With SO_REUSEPORT the kernel chooses by hash, and two uploads can land on one core while the other
// idles.)
#include "http/server/acceptor.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "base/limits.hpp"
#include "http/server/connection.hpp"
#include "http/server/server_state.hpp"
#include "http/wire/event.hpp"
#include "http/wire/loop.hpp"

namespace lodestone::http {

namespace {

constexpr int accepted_at_once = 64;
constexpr int accepted_at_end = 4096;
constexpr auto exhaustion_pause = std::chrono::milliseconds(100);
constexpr auto exchange_pause = std::chrono::milliseconds(1);

constexpr std::string_view full_answer =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    "Content-Length: 35\r\n\r\nToo many connections; retry soon.\r\n";
constexpr std::string_view client_full_answer =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nConnection: close\r\nContent-Type: text/plain\r\n"
    "Content-Length: 36\r\n\r\nToo many connections from you now.\r\n";

// What came in with the connection is read and dropped first: closing over unread input would reset the
// answer away.
void turn_away(UniqueFd fd, std::string_view answer, bool is_tls) {
    char dropped[4096];
    while (::recv(fd.value(), dropped, sizeof dropped, MSG_DONTWAIT) > 0) continue;
    if (!is_tls) [[maybe_unused]]
        const ssize_t sent = ::send(fd.value(), answer.data(), answer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(fd.value(), SHUT_WR);
}

// Who may connect to a Unix socket is up to its mode, and often a proxy's user may; who runs this server is
// its own user, or root.
bool is_own_user(const UniqueFd& fd) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(fd.value(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
    return peer.uid == 0 || peer.uid == ::geteuid();
}

Accepted describe(const UniqueFd& fd, const sockaddr_storage& name, const Listener& listener) {
    Accepted accepted;
    accepted.is_tls = listener.is_tls;
    accepted.peer.is_secure = listener.is_tls;
    if (name.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(name);
        accepted.address.bytes[10] = accepted.address.bytes[11] = 0xff;
        std::memcpy(accepted.address.bytes.data() + 12, &v4.sin_addr, 4);
        accepted.peer.port = ntohs(v4.sin_port);
        accepted.peer.is_local = accepted.address.bytes[12] == 127;
    } else if (name.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(name);
        std::memcpy(accepted.address.bytes.data(), &v6.sin6_addr, 16);
        accepted.peer.port = ntohs(v6.sin6_port);
        accepted.peer.is_local = IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
                                 (accepted.address.is_v4() && accepted.address.bytes[12] == 127);
    } else {
        accepted.peer.address = "unix";
        accepted.peer.is_local = is_own_user(fd);
        return accepted;
    }
    accepted.peer.address = accepted.address.to_text();
    return accepted;
}

// The loop's own, because it outlives the listener.
int duplicate(int fd) {
    const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0) throw std::system_error(errno, std::generic_category(), "cannot begin to accept");
    return copy;
}

}  // namespace

Acceptor::Acceptor(std::shared_ptr<ServerState> state, Loops& loops, Listener& listener)
    : state_(std::move(state)),
      loops_(loops),
      listener_(listener),
      descriptor_(loops.at(0).executor(), duplicate(listener.fd.value())) {
    open_reserve();
}

void Acceptor::open_reserve() {
    reserve_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

Task<> Acceptor::run() {
    boost::system::error_code error;
    while (!state_->is_stopping.load()) {
        co_await descriptor_.async_wait(
            Descriptor::wait_read,
            boost::asio::redirect_error(boost::asio::use_awaitable_t<LoopExecutor>{}, error));
        if (co_await accept_some() == Queue::is_stuck) co_await pause(exhaustion_pause);
    }
    close();  // when we saw that it is over before anybody came to tell us
}

Task<Acceptor::Queue> Acceptor::accept_some() {
    Queue queue = Queue::has_more;
    for (int i = 0; i < accepted_at_once && queue == Queue::has_more; ++i) {
        while (waits_for_room()) co_await pause(exchange_pause);
        if (state_->is_stopping.load()) break;
        queue = accept_one();
    }
    co_return queue;
}

// Somebody is giving way, on a loop that has not come to it yet: better than a refusal is to wait for that in
// the queue. Should it not come to it in time, newcomers are told so.
bool Acceptor::waits_for_room() const {
    return state_->is_crowded() && !state_->is_stopping.load() &&
           std::chrono::steady_clock::now() < made_room_ + limits::exchange_timeout;
}

// Bounded, should clients come as quickly as they are let in. Without a new descriptor: there may be none.
void Acceptor::close() {
    if (listener_.is_inherited) return;
    for (int i = 0; i < accepted_at_end && accept_one() == Queue::has_more; ++i) continue;
    ::shutdown(listener_.fd.value(), SHUT_RD);
}

Acceptor::Queue Acceptor::accept_one() {
    // Lost while somebody else was short of descriptors too: won back before one is given to a connection, or
    // the next newcomer could not even be told to go.
    if (!reserve_.is_open()) open_reserve();
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    UniqueFd fd(::accept4(descriptor_.native_handle(), reinterpret_cast<sockaddr*>(&name), &size,
                          SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.is_open()) {
        admit(std::move(fd), name);
        return Queue::has_more;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        return survive_exhaustion();
    // ECONNABORTED and friends concern one connection that is gone already.
    const bool is_over = errno == EAGAIN || errno == EINTR || errno == EBADF || errno == EINVAL;
    return is_over ? Queue::is_empty : Queue::has_more;
}

void Acceptor::admit(UniqueFd fd, const sockaddr_storage& name) {
    Accepted accepted = describe(fd, name, listener_);
    // A proxy on this machine stands for others, who are no operators.
    const bool is_proxy = !listener_.is_unix && state_->is_trusted_proxy(accepted.address);
    const bool is_counted = !listener_.is_unix && !is_proxy;
    const auto make_room = [this] {
        const bool is_made = loops_.make_room();
        if (is_made) made_room_ = std::chrono::steady_clock::now();
        return is_made;
    };
    switch (state_->admit({accepted.address, is_counted, accepted.peer.is_local && !is_proxy}, make_room)) {
        case ServerState::Admission::server_full:
            return turn_away(std::move(fd), full_answer, listener_.is_tls);
        case ServerState::Admission::client_full:
            return turn_away(std::move(fd), client_full_answer, listener_.is_tls);
        case ServerState::Admission::admitted: break;
    }
    accepted.fd = std::move(fd);
    accepted.family = name.ss_family;
    Loop& loop = loops_.next();
    Admitted admitted(state_, accepted.address, is_counted);
    boost::asio::post(loop.context(),
                      [&loop, admitted = std::move(admitted), accepted = std::move(accepted)]() mutable {
                          start_connection(std::move(admitted), loop, std::move(accepted));
                      });
}

// Out of descriptors: leaving the connection in the queue would make its client hang and this loop spin. The
// reserve is closed to get one descriptor, with which the client is told to come back.
Acceptor::Queue Acceptor::survive_exhaustion() {
    reserve_.reset();
    UniqueFd fd(::accept4(descriptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    // Stuck: the reserve was of no use, because somebody else was quicker or the limit has sunk.
    Queue queue = errno == EAGAIN ? Queue::is_empty : Queue::is_stuck;
    if (fd.is_open()) {
        queue = Queue::has_more;
        state_->refused_descriptors.add();
        turn_away(std::move(fd), full_answer, listener_.is_tls);
    }
    open_reserve();
    return queue;
}

Task<> Acceptor::pause(std::chrono::milliseconds length) {
    Timer timer(loops_.at(0).executor(), length);
    co_await timer.async_wait(boost::asio::use_awaitable_t<LoopExecutor>{});
}

}  // namespace lodestone::http
