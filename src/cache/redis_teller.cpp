// One thread: takes all that waits, sends it, and puts back what did not arrive.
#include "cache/redis_teller.hpp"

#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/change_mark.hpp"
#include "base/ensure.hpp"
#include "base/log.hpp"
#include "base/redis_limits.hpp"
#include "cache/redis_watch.hpp"

namespace lodestone::cache {

RedisTeller::RedisTeller(const RedisOptions& options, RedisState& state, Context& context)
    : options_(options), state_(state), context_(context), stop_event_(::eventfd(0, EFD_CLOEXEC)) {
    ensure(stop_event_.is_open(), "there is a descriptor for an event");
}

void RedisTeller::tell(const std::string& channel, const std::string& payload) {
    {
        const std::lock_guard lock(mutex_);
        if (is_over_) return;
        add({channel, payload});
        if (!thread_.joinable()) {
            thread_ = std::thread([this] { run(); });
            ::pthread_setname_np(thread_.native_handle(), "redis-tell");
        }
    }
    changed_.notify_one();
}

// Too many of a kind say together that anything may have changed.
void RedisTeller::add(Changes::value_type change) {
    waiting_.insert(std::move(change));
    if (waiting_.size() > limits::redis_waiting) {
        Changes fewer;
        for (const auto& [channel, payload] : waiting_) fewer.insert({channel, std::string()});
        waiting_ = std::move(fewer);
    }
    state_.waiting.set(static_cast<std::int64_t>(waiting_.size()));
}

void RedisTeller::stop() {
    {
        Lock lock(mutex_);
        if (thread_.joinable() && !is_over_)
            told_.wait_for(lock, limits::redis_farewell, [this] { return waiting_.empty() && !is_sending_; });
        if (std::exchange(is_over_, true)) return;
    }
    const std::uint64_t one = 1;
    ensure(::write(stop_event_.value(), &one, sizeof one) == sizeof one, "an event can be told");
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
    if (!waiting_.empty())
        context_.log.error("Redis did not take what was changed; other nodes may see it late",
                           {{"redis", render_redis_place(options_.url)}});
}

void RedisTeller::run() {
    std::chrono::milliseconds wait = limits::redis_retry_least;
    Lock lock(mutex_);
    while (true) {
        changed_.wait_for(lock, std::chrono::milliseconds(limits::redis_ping_after),
                          [this] { return is_over_ || !waiting_.empty(); });
        if (is_over_) return;
        const Changes changes = std::exchange(waiting_, {});
        is_sending_ = true;
        lock.unlock();
        // A connection may have ended while nobody needed it; that is found out by the first who does.
        const bool was_open = connection_.has_value();
        auto fault = send(changes);
        if (fault && was_open && !changes.empty()) fault = send(changes);
        if (fault) note_failure(*fault);
        lock.lock();
        is_sending_ = false;
        if (fault)
            for (const auto& change : changes) add(change);
        state_.waiting.set(static_cast<std::int64_t>(waiting_.size()));
        if (waiting_.empty()) told_.notify_all();
        if (!fault) {
            wait = limits::redis_retry_least;
            continue;
        }
        if (changed_.wait_for(lock, wait, [this] { return is_over_; })) return;
        wait = std::min<std::chrono::milliseconds>(wait * 2, limits::redis_retry_most);
    }
}

// With nothing to tell it finds out whether somebody is there, also so that nothing on the way forgets a
// connection that is seldom used. One on which something went wrong is not used again.
std::optional<Fault> RedisTeller::send(const Changes& changes) {
    const bool was_open = connection_.has_value();
    if (changes.empty() && !was_open && state_.can_tell) return std::nullopt;  // nobody needed it yet
    std::optional<Fault> fault;
    if (!was_open)
        fault = connection_.emplace(options_, context_.clock, stop_event_.value()).open();
    else if (changes.empty())
        fault = connection_->ask({"PING"}).fault;
    if (!fault) fault = publish(changes);
    if (fault) {
        connection_.reset();
        return fault;
    }
    state_.told.add(changes.size());
    if (!state_.can_tell.exchange(true)) context_.log.info("Redis is back; other nodes were told");
    said_.forget();
    return std::nullopt;
}

// All of them in one round trip. Answered with a number: of those who heard it.
std::optional<Fault> RedisTeller::publish(const Changes& changes) {
    std::string commands;
    for (const auto& [channel, payload] : changes)
        commands += render_command(
            {"PUBLISH", name_channel(options_, channel), mark_payload(options_.node, payload)});
    auto fault = connection_->send(commands);
    for (std::size_t left = changes.size(); !fault && left > 0; --left) {
        const auto answer = connection_->answer();
        fault = answer.fault;
        if (!fault && (answer.reply->is_array || answer.reply->scalar.kind != RespScalar::Kind::integer))
            fault = "it does not answer as a Redis does";
    }
    return fault;
}

void RedisTeller::note_failure(const Fault& fault) {
    state_.faults.add();
    state_.can_tell = false;
    if (said_.is_new(fault))
        context_.log.warn("Redis is away; other nodes are told later",
                          {{"redis", render_redis_place(options_.url)}, {"fault", fault}});
}

}  // namespace lodestone::cache
