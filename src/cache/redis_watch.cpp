// SUBSCRIBE, as protocol version 2 has it: from then on only messages come, and answers to PING.
// https://redis.io/docs/latest/develop/interact/pubsub/
#include "cache/redis_watch.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/change_mark.hpp"
#include "base/ensure.hpp"
#include "base/log.hpp"
#include "base/redis_limits.hpp"
#include "base/socket_wait.hpp"

namespace lodestone::cache {

namespace {

bool is_text(const RespScalar& item, std::string_view text) {
    return item.kind == RespScalar::Kind::text && item.text == text;
}

}  // namespace

std::string name_channel(const RedisOptions& options, const std::string& channel) {
    return channel + '/' + std::to_string(options.url.database);
}

RedisWatch::RedisWatch(const RedisOptions& options, const std::string& channel, ChangeCallback callback,
                       RedisState& state, Context& context)
    : options_(options),
      channel_(name_channel(options, channel)),
      callback_(std::move(callback)),
      state_(state),
      context_(context),
      stop_event_(::eventfd(0, EFD_CLOEXEC)) {
    ensure(stop_event_.is_open(), "there is a descriptor for an event");
    ++state_.wanted_watches;
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "redis-watch");
}

void RedisWatch::stop_thread() {
    if (is_stopping_.exchange(true)) return;
    const std::uint64_t one = 1;
    ensure(::write(stop_event_.value(), &one, sizeof one) == sizeof one, "an event can be told");
    thread_.join();
    --state_.wanted_watches;
}

void RedisWatch::set_live(bool is_live) {
    if (is_live_.exchange(is_live) != is_live) state_.live_watches += is_live ? 1 : -1;
}

void RedisWatch::run() {
    SaidOnce said;
    std::chrono::milliseconds wait = limits::redis_retry_least;
    while (!is_stopping_) {
        const Fault fault = listen();
        const bool was_live = is_live_;
        set_live(false);
        if (is_stopping_) return;
        state_.faults.add();
        if (was_live) {
            said.forget();
            wait = limits::redis_retry_least;
        }
        if (said.is_new(fault))
            context_.log.warn("Redis is away; what other nodes change shows late",
                              {{"redis", render_redis_place(options_.url)}, {"fault", fault}});
        wait_for_socket(stop_event_.value(), POLLIN, context_.clock, context_.clock.steady_now() + wait);
        wait = std::min<std::chrono::milliseconds>(wait * 2, limits::redis_retry_most);
    }
}

// Until the connection breaks, or it is time to stop.
Fault RedisWatch::listen() {
    RedisConnection connection(options_, context_.clock, stop_event_.value());
    if (auto fault = connection.open()) return *fault;
    if (auto fault = subscribe(connection)) return *fault;
    set_live(true);
    context_.log.info("Redis tells what other nodes change", {{"redis", render_redis_place(options_.url)}});
    callback_({});
    return follow(connection).value_or(Fault());
}

std::optional<Fault> RedisWatch::subscribe(RedisConnection& connection) {
    const auto answer = connection.ask({"SUBSCRIBE", channel_});
    if (answer.fault) return answer.fault;
    const auto& items = answer.reply->items;
    if (items.size() != 3 || !is_text(items[0], "subscribe") || !is_text(items[1], channel_))
        return Fault("it does not answer as a Redis does");
    return std::nullopt;
}

std::optional<Fault> RedisWatch::follow(RedisConnection& connection) {
    bool is_asked = false;
    while (true) {
        const auto patience = is_asked ? std::chrono::milliseconds(limits::redis_answer_timeout)
                                       : std::chrono::milliseconds(limits::redis_ping_after);
        const auto next = connection.next(context_.clock.steady_now() + patience);
        if (is_stopping_) return std::nullopt;
        if (next.fault) return next.fault;
        if (next.reply) {
            if (!take(*next.reply)) return Fault("it does not answer as a Redis does");
            is_asked = false;
            continue;
        }
        if (is_asked) return Fault("it does not answer in time");
        if (auto fault = connection.send(render_command({"PING"}))) return fault;
        is_asked = true;
    }
}

bool RedisWatch::take(const RespReply& reply) {
    const auto& items = reply.items;
    if (!items.empty() && is_text(items[0], "pong")) return true;
    if (items.size() != 3 || !is_text(items[0], "message") || !is_text(items[1], channel_) ||
        items[2].kind != RespScalar::Kind::text)
        return false;
    if (const auto payload = read_payload(options_.node, items[2].text)) {
        state_.heard.add();
        callback_({.payload = *payload});
    }
    return true;
}

}  // namespace lodestone::cache
