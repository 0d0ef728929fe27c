// What was read or made a moment ago, in memory: bounded in bytes, what was not asked for the longest goes
// first, and safe from every thread. Whoever keeps something here says what may still be believed of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"

namespace lodestone::cache {

template <class Value>
class BoundedMemory {
  public:
    using Found = std::shared_ptr<const Value>;
    struct Kept {
        std::string key;
        Found value;
        SteadyTime loaded{};         // when it was asked for
        std::uint64_t asked = 0;     // the last change by then
        std::size_t size_bytes = 0;  // of the value
    };

    explicit BoundedMemory(std::size_t most_bytes) : most_bytes_(most_bytes) {}

    // What is kept of it, if `believes(kept)`; null otherwise.
    template <class Believes>
    Found find(std::string_view key, Believes believes) {
        const std::lock_guard lock(mutex_);
        const auto place = places_.find(key);
        if (place == places_.end() || !believes(std::as_const(*place->second))) return nullptr;
        kept_.splice(kept_.begin(), kept_, place->second);
        return place->second->value;
    }

    // The newer of two stays. One that is larger than all the room is kept all the same, alone: it is the one
    // that costs most to make again.
    void keep(Kept kept) {
        kept.size_bytes += kept.key.size() + row_bytes;
        std::list<Kept> gone;  // given back without the lock
        const std::lock_guard lock(mutex_);
        const auto drop = [&](typename std::list<Kept>::iterator one) {
            bytes_ -= one->size_bytes;
            places_.erase(one->key);
            gone.splice(gone.begin(), kept_, one);
        };
        if (const auto before = places_.find(kept.key); before != places_.end()) {
            if (before->second->asked > kept.asked) return;
            drop(before->second);
        }
        bytes_ += kept.size_bytes;
        kept_.push_front(std::move(kept));
        places_.emplace(kept_.front().key, kept_.begin());
        while (bytes_ > most_bytes_ && kept_.size() > 1) drop(std::prev(kept_.end()));
    }

    std::size_t size_bytes() const {
        const std::lock_guard lock(mutex_);
        return bytes_;
    }

  private:
    // What a row takes besides its value and its key.
    static constexpr std::size_t row_bytes = 400;

    const std::size_t most_bytes_;
    mutable std::mutex mutex_;
    std::list<Kept> kept_;  // the one asked for last stands first
    std::unordered_map<std::string_view, typename std::list<Kept>::iterator> places_;
    std::size_t bytes_ = 0;
};

}  // namespace lodestone::cache
