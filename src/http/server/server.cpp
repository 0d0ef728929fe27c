// Opening what is listened on, and the end in good order.
#include "http/server/server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <future>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/time_text.hpp"
#include "http/server/acceptor.hpp"
#include "http/server/server_state.hpp"
#include "http/wire/loop.hpp"
#include "http/wire/spawn.hpp"

namespace lodestone::http {

namespace {

constexpr auto cut_off_timeout = std::chrono::seconds(2);
constexpr auto hurry_interval = std::chrono::milliseconds(50);  // how soon a hurry is noticed

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

// The coroutine is the owner: it ends with the listener, or with its loop.
Task<> run_acceptor(std::shared_ptr<Acceptor> acceptor) {
    co_await acceptor->run();
}

}  // namespace

Server::Server(ServerOptions options, Loops& loops, Context& context, Serve serve)
    : state_(std::make_shared<ServerState>(std::move(options), context, std::move(serve), loops.workers())),
      loops_(loops) {
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
        auto acceptor = std::make_shared<Acceptor>(state_, loops_, listener);
        acceptors_.push_back(acceptor);
        spawn_vital(loops_.at(0).executor(), run_acceptor(std::move(acceptor)), "accepting connections");
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
    close_acceptors();
    for (std::size_t i = 0; i < loops_.size(); ++i) loops_.at(i).wake_idle_streams();
    if (wait_until_empty(timeout, is_hurried)) return;
    state_->context.log.warn("cutting off connections",
                             {{"open", static_cast<std::uint64_t>(state_->connection_count())}});
    for (std::size_t i = 0; i < loops_.size(); ++i) loops_.at(i).cancel_all_streams();
    state_->wait_until_empty(cut_off_timeout);
}

// On the loop where they run, so that nobody is between accepted and counted. Whoever is left on a loop that
// does not come to it in time has other troubles.
void Server::close_acceptors() {
    const auto closed = std::make_shared<std::promise<void>>();
    boost::asio::post(loops_.at(0).context(), [acceptors = acceptors_, closed] {
        for (const auto& weak : acceptors)
            if (const auto acceptor = weak.lock()) acceptor->close();
        closed->set_value();
    });
    closed->get_future().wait_for(cut_off_timeout);
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
