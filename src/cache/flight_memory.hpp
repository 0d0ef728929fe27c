// What was loaded a moment ago, in memory: bounded, and safe from every thread; several who miss the same
// load it once, and wait together. Whoever keeps something here says what may still be believed of it, and by
// the number of the last change (tenant_changes.hpp) what it may not have seen: who asks after a change does
// not wait for what began before it.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"

namespace lodestone::cache {

template <class Value>
class FlightMemory {
  public:
    struct Kept {
        Value value{};
        SteadyTime loaded{};      // when it was asked for
        std::uint64_t asked = 0;  // the last change by then
    };
    struct Outcome {
        Kept kept;
        bool is_worth_keeping = true;
        std::exception_ptr failure;  // for all who wait; then nothing is kept
    };
    // `most` are kept. `spoil` makes a value worthless that somebody may hold elsewhere.
    explicit FlightMemory(std::size_t most, std::function<void(const Value&)> spoil = {})
        : most_in_shard_(std::max<std::size_t>(1, most / shard_count)), spoil_(std::move(spoil)) {}

    // What is kept of it, if `believes(kept)`.
    template <class Believes>
    std::optional<Value> find(const std::string& key, Believes believes) const {
        const Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        const auto found = shard.kept.find(key);
        if (found == shard.kept.end() || !believes(found->second)) return std::nullopt;
        return found->second.value;
    }

    // What a load of it gives that knows of all changes up to `asked`. `begin` is called when none is under
    // way; it has to lead to end(), once, on whatever thread.
    Task<Value> load(std::string key, std::uint64_t asked, std::function<void()> begin) {
        using Token = boost::asio::use_awaitable_t<LoopExecutor>;
        auto start = [&](auto handler) {
            if (join(key, asked, std::make_unique<LoopWaiter<decltype(handler)>>(std::move(handler))))
                begin();
        };
        Value value = co_await boost::asio::async_initiate<const Token, void(std::exception_ptr, Value)>(
            std::move(start), Token{});
        co_return value;
    }
    // Of load(): whoever waits goes on, on a loop of their own. The newer of two stays.
    void end(const std::string& key, Outcome outcome) {
        const Value value = outcome.kept.value;
        const std::exception_ptr failure = outcome.failure;
        for (const auto& waiter : land(key, std::move(outcome))) waiter->resume(failure, value);
    }

    // Nothing of it that was asked for before change `number` is believed, whoever holds it.
    void forget(const std::string& key, std::uint64_t number) {
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        shard.last_forgotten = std::max(shard.last_forgotten, number);
        const auto found = shard.kept.find(key);
        if (found == shard.kept.end()) return;
        if (spoil_) spoil_(found->second.value);
        shard.kept.erase(found);
    }

    std::size_t size() const {
        std::size_t size = 0;
        for (const Shard& shard : shards_) {
            const std::lock_guard lock(shard.mutex);
            size += shard.kept.size();
        }
        return size;
    }

  private:
    static constexpr std::size_t shard_count = 32;

    class Waiter {
      public:
        virtual ~Waiter() = default;
        virtual void resume(std::exception_ptr failure, Value value) = 0;
    };
    using Waiters = std::vector<std::unique_ptr<Waiter>>;
    // Goes on on the loop of whoever waits.
    template <class Handler>
    class LoopWaiter final : public Waiter {
      public:
        explicit LoopWaiter(Handler handler) : handler_(std::move(handler)) {}
        void resume(std::exception_ptr failure, Value value) override {
            auto executor = boost::asio::get_associated_executor(handler_);
            boost::asio::post(executor, [handler = std::move(handler_), failure = std::move(failure),
                                         value = std::move(value)]() mutable {
                handler(std::move(failure), std::move(value));
            });
        }

      private:
        Handler handler_;
    };
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<std::string, Kept> kept;
        std::unordered_map<std::string, Waiters> flights;  // by what is loaded, and since which change
        // What was asked for before a single one was forgotten is given, but not kept.
        std::uint64_t last_forgotten = 0;
    };

    const Shard& shard_of(const std::string& key) const {
        return shards_[std::hash<std::string>{}(key) % shard_count];
    }
    Shard& shard_of(const std::string& key) { return shards_[std::hash<std::string>{}(key) % shard_count]; }
    static std::string flight_of(const std::string& key, std::uint64_t asked) {
        return key + '#' + std::to_string(asked);
    }

    // Whether it is the first, who has to load.
    bool join(const std::string& key, std::uint64_t asked, std::unique_ptr<Waiter> waiter) {
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        Waiters& waiters = shard.flights[flight_of(key, asked)];
        waiters.push_back(std::move(waiter));
        return waiters.size() == 1;
    }
    Waiters land(const std::string& key, Outcome outcome) {
        Kept& kept = outcome.kept;
        Shard& shard = shard_of(key);
        const std::lock_guard lock(shard.mutex);
        Waiters waiters = std::move(shard.flights[flight_of(key, kept.asked)]);
        shard.flights.erase(flight_of(key, kept.asked));
        if (outcome.failure || !outcome.is_worth_keeping) return waiters;
        if (kept.asked < shard.last_forgotten) {
            if (spoil_) spoil_(kept.value);
            return waiters;
        }
        const auto before = shard.kept.find(key);
        const bool is_first = before == shard.kept.end();
        if (!is_first && before->second.asked > kept.asked) return waiters;
        if (is_first && shard.kept.size() >= most_in_shard_) shard.kept.erase(shard.kept.begin());
        shard.kept.insert_or_assign(key, std::move(kept));
        return waiters;
    }

    const std::size_t most_in_shard_;
    const std::function<void(const Value&)> spoil_;
    std::array<Shard, shard_count> shards_;
};

}  // namespace lodestone::cache
