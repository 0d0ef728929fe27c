// LISTEN: https://www.postgresql.org/docs/15/libpq-notify.html. Waits for the socket; a ping now and then
// finds out that nobody is there any more.
#include "db/postgres/change_listener.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/change_mark.hpp"
#include "base/ensure.hpp"
#include "base/log.hpp"
#include "base/socket_wait.hpp"

namespace lodestone::db {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds first_back_off{100};
constexpr milliseconds longest_back_off{5'000};
}  // namespace

ChangeListener::ChangeListener(const PostgresOptions& options, const std::string& channel,
                               ChangeCallback callback, Context& context)
    : options_(options),
      channel_(channel),
      callback_(std::move(callback)),
      context_(context),
      numbers_(context.metrics, "watch"),
      hosts_(options.is_behind_transaction_pooler ? options.direct_url : options.url),
      is_direct_(options.is_behind_transaction_pooler),
      stop_event_(::eventfd(0, EFD_CLOEXEC)) {
    ensure(stop_event_.is_open(), "there is a descriptor for an event");
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "db-watch");
}

void ChangeListener::stop_thread() {
    if (is_stopping_.exchange(true)) return;
    const std::uint64_t one = 1;
    ensure(::write(stop_event_.value(), &one, sizeof one) == sizeof one, "an event can be told");
    thread_.join();
}

void ChangeListener::run() {
    for (int failures = 0; !is_stopping_; ++failures) {
        if (const auto connection = connect()) {
            std::optional<Fault> fault = begin(*connection);
            if (!fault) {
                failures = 0;
                fault_.clear();
                is_live_ = true;
                callback_({});
                fault = listen(*connection);
                is_live_ = false;
            }
            if (fault && !is_stopping_)
                context_.log.warn("database notifications lost", {{"fault", fault->text}});
        }
        // Another server may stand at the same address one day; one that has none will not get them in
        // between.
        const milliseconds wait =
            is_deaf_ ? options_.max_lifetime
                     : std::min(longest_back_off, first_back_off * (1 << std::min(failures, 6)));
        wait_for_socket(stop_event_.value(), POLLIN, context_.clock, context_.clock.steady_now() + wait);
    }
}

std::unique_ptr<Connection> ChangeListener::connect() {
    Connected connected = hosts_.connect(Hosts::Wanted::writes, {.options = options_,
                                                                 .clock = context_.clock,
                                                                 .numbers = numbers_,
                                                                 .stop = stop_event_.value(),
                                                                 .is_direct = is_direct_});
    is_deaf_ = connected.connection && !connected.connection->facts().has_notifications;
    if (connected.connection && !is_deaf_) return std::move(connected.connection);
    if (is_deaf_)
        connected.fault =
            connected.server.name + " has no notifications: what other nodes change shows late.";
    if (!is_stopping_ && connected.fault != fault_)
        context_.log.warn("database notifications are off", {{"fault", connected.fault}});
    fault_ = connected.fault;
    return nullptr;
}

std::optional<Fault> ChangeListener::begin(Connection& connection) {
    connection.queue_listen(channel_);
    return connection.settle(context_.clock.steady_now() + options_.connect_timeout);
}

// Until the connection breaks, or nothing when it is time to stop.
std::optional<Fault> ChangeListener::listen(Connection& connection) {
    while (true) {
        const SteadyTime due = context_.clock.steady_now() + options_.ping_after;
        const short events =
            wait_for_socket(connection.socket(), POLLIN, context_.clock, due, stop_event_.value());
        if (is_stopping_) return std::nullopt;
        if (events == 0)
            if (auto fault = connection.settle(context_.clock.steady_now() + options_.connect_timeout))
                return fault;
        std::vector<std::string> payloads;
        auto fault = connection.take_notifications(payloads);
        for (const std::string& marked : payloads)
            if (const auto payload = read_payload(options_.node, marked)) callback_({.payload = *payload});
        if (fault) return fault;
    }
}

}  // namespace lodestone::db
