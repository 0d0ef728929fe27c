// Accepting: one coroutine per listener on the first loop takes connections and hands them to the loops in
// turn. (With SO_REUSEPORT the kernel chooses by hash, and two uploads can land on one core while the other
// idles.)
#include "http/server/server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <future>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/time_text.hpp"
#include "http/server/connection.hpp"
#include "http/server/server_state.hpp"
#include "http/wire/event.hpp"
#include "http/wire/loop.hpp"

namespace lodestone::http {

namespace {

using Descriptor = boost::asio::posix::basic_stream_descriptor<LoopExecutor>;
constexpr auto cut_off_timeout = std::chrono::seconds(2);
constexpr int accepted_at_once = 64;
constexpr int accepted_at_end = 4096;
constexpr auto hurry_interval = std::chrono::milliseconds(50);  // how soon a hurry is noticed
constexpr auto exhaustion_pause = std::chrono::milliseconds(100);

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

Accepted describe(const sockaddr_storage& name, const Listener& listener) {
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
        accepted.peer.is_local = true;
        return accepted;
    }
    accepted.peer.address = accepted.address.to_text();
    return accepted;
}

// One per listener: its accepting coroutine owns the descriptor until the loops end or stop() closes it.
class Acceptor {
  public:
    Acceptor(std::shared_ptr<ServerState> state, Loops& loops, Listener& listener)
        : state_(std::move(state)),
          loops_(loops),
          listener_(listener),
          descriptor_(loops.at(0).executor(), ::dup(listener.fd.value())) {
        ::fcntl(descriptor_.native_handle(), F_SETFD, FD_CLOEXEC);
        open_reserve();
    }

    Task<> run();
    void empty_queue();  // lets in whoever waits now

  private:
    void open_reserve() { reserve_.reset(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }
    enum class Queue : std::uint8_t { has_more, is_empty, is_stuck };
    Queue accept_one();
    void admit(UniqueFd fd, const sockaddr_storage& name);
    Queue survive_exhaustion();
    Task<> pause();

    std::shared_ptr<ServerState> state_;
    Loops& loops_;
    Listener& listener_;
    Descriptor descriptor_;
    UniqueFd reserve_;  // given up to turn somebody away when there is no other descriptor left
};

Task<> Acceptor::run() {
    boost::system::error_code error;
    while (!state_->is_stopping.load()) {
        co_await descriptor_.async_wait(
            Descriptor::wait_read,
            boost::asio::redirect_error(boost::asio::use_awaitable_t<LoopExecutor>{}, error));
        Queue queue = Queue::has_more;
        for (int i = 0; i < accepted_at_once && queue == Queue::has_more && !state_->is_stopping.load(); ++i)
            queue = accept_one();
        if (queue == Queue::is_stuck) co_await pause();
    }
}

// Bounded, should clients come as quickly as they are let in.
void Acceptor::empty_queue() {
    for (int i = 0; i < accepted_at_end && accept_one() == Queue::has_more; ++i) continue;
}

Acceptor::Queue Acceptor::accept_one() {
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
    Accepted accepted = describe(name, listener_);
    accepted.is_counted_per_client = !listener_.is_unix && !state_->is_trusted_proxy(accepted.address);
    switch (state_->admit(accepted.address, accepted.is_counted_per_client)) {
        case ServerState::Admission::server_full:
            return turn_away(std::move(fd), full_answer, listener_.is_tls);
        case ServerState::Admission::client_full:
            return turn_away(std::move(fd), client_full_answer, listener_.is_tls);
        case ServerState::Admission::admitted: break;
    }
    Loop& loop = loops_.next();
    const auto protocol = boost::asio::generic::stream_protocol(name.ss_family, 0);
    boost::asio::post(loop.context(), [state = state_, &loop, protocol, owned = fd.release(),
                                       accepted = std::move(accepted)]() mutable {
        Socket socket(loop.executor(), protocol, owned);
        boost::asio::co_spawn(loop.executor(),
                              run_connection(std::move(state), loop, std::move(socket), std::move(accepted)),
                              boost::asio::detached);
    });
}

// Out of descriptors: leaving the connection in the queue would make its client hang and this loop spin. The
// reserve is closed to get one descriptor, with which the client is told to come back.
Acceptor::Queue Acceptor::survive_exhaustion() {
    reserve_.reset();
    UniqueFd fd(::accept4(descriptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    Queue queue = errno == EAGAIN ? Queue::is_empty : Queue::is_stuck;
    if (fd.is_open()) {
        queue = Queue::has_more;
        state_->refused_descriptors.add();
        turn_away(std::move(fd), full_answer, listener_.is_tls);
    }
    open_reserve();
    return queue;
}

// The reserve was of no use, because somebody else was quicker or the limit has sunk: the queue has to wait.
Task<> Acceptor::pause() {
    Timer timer(loops_.at(0).executor(), exhaustion_pause);
    co_await timer.async_wait(boost::asio::use_awaitable_t<LoopExecutor>{});
}

// Shown for alerts, and logged for those who have none.
void note_certificate(ServerState& state) {
    constexpr auto soon = std::chrono::days(14);
    const std::chrono::sys_seconds ends{std::chrono::seconds(state.tls->expires_at())};
    state.context.metrics
        .gauge("lodestone_tls_certificate_expires_seconds", "When the certificate ends, in Unix time.")
        .set(ends.time_since_epoch().count());
    if (ends < state.context.clock.now() + soon)
        state.context.log.warn("certificate ends soon", {{"at", render_rfc3339(ends)}});
}

Task<> run_acceptor(std::unique_ptr<Acceptor> acceptor) {
    co_await acceptor->run();
}

}  // namespace

Server::Server(ServerOptions options, Loops& loops, Context& context, Serve serve)
    : state_(std::make_shared<ServerState>(std::move(options), context, std::move(serve))), loops_(loops) {
    if (state_->options.tls) {
        state_->tls = std::make_unique<TlsServer>(*state_->options.tls);
        note_certificate(*state_);
    }
    if (!state_->options.tls_listen.empty() && !state_->tls)
        throw Problem(problems::invalid_input, "tls.listen needs tls.certificate_file and tls.key_file.");
    const auto open = [this](const std::vector<ListenAddress>& addresses, bool is_tls) {
        for (const ListenAddress& address : addresses) {
            for (Listener& listener : open_listeners(address, is_tls)) {
                state_->urls.push_back(listener.url);
                state_->listeners.push_back(std::move(listener));
            }
        }
    };
    open(state_->options.listen, false);
    open(state_->options.tls_listen, true);
}

Server::~Server() = default;

void Server::start() {
    for (Listener& listener : state_->listeners) {
        auto acceptor = std::make_unique<Acceptor>(state_, loops_, listener);
        boost::asio::co_spawn(loops_.at(0).executor(), run_acceptor(std::move(acceptor)),
                              boost::asio::detached);
    }
}

const std::vector<std::string>& Server::urls() const {
    return state_->urls;
}

void Server::reload_tls(const TlsOptions& options) {
    if (!state_->tls) return;
    state_->tls->reload(options);
    note_certificate(*state_);
}

void Server::start_draining() {
    state_->is_draining.store(true);
}

void Server::stop(std::chrono::milliseconds timeout, const std::function<bool()>& is_hurried) {
    start_draining();
    state_->is_stopping.store(true);
    for (Listener& listener : state_->listeners)
        if (!listener.is_inherited) close_listener(listener);
    wait_for_acceptors();
    for (std::size_t i = 0; i < loops_.size(); ++i) loops_.at(i).wake_idle_streams();
    if (wait_until_empty(timeout, is_hurried)) return;
    state_->context.log.warn("cutting off connections",
                             {{"open", static_cast<std::uint64_t>(state_->connection_count())}});
    for (std::size_t i = 0; i < loops_.size(); ++i) loops_.at(i).cancel_all_streams();
    state_->wait_until_empty(cut_off_timeout);
}

// Who waits in the queue believes to be connected already: let in, while closing would reset them. Afterwards
// shutdown() wakes the acceptor and makes new clients see a refusal at once.
void Server::close_listener(Listener& listener) {
    Acceptor(state_, loops_, listener).empty_queue();
    ::shutdown(listener.fd.value(), SHUT_RD);
}

// The acceptors may have accepted somebody whom they have not counted yet; they run on the first loop.
void Server::wait_for_acceptors() {
    const auto passed = std::make_shared<std::promise<void>>();
    boost::asio::post(loops_.at(0).context(), [passed] { passed->set_value(); });
    passed->get_future().wait_for(cut_off_timeout);
}

bool Server::wait_until_empty(std::chrono::milliseconds timeout, const std::function<bool()>& is_hurried) {
    const SteadyTime end = std::chrono::steady_clock::now() + timeout;
    for (;;) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (state_->wait_until_empty(std::clamp(left, std::chrono::milliseconds(0), hurry_interval)))
            return true;
        if (left.count() <= 0 || (is_hurried && is_hurried())) return false;
    }
}

std::size_t Server::connection_count() const {
    return state_->connection_count();
}

}  // namespace lodestone::http
