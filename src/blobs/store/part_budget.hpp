// How much memory the parts of all uploads to a store take together: who wants more than is left waits in
// line, and parts are sent early where there is none to be had.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/wire/event.hpp"

namespace lodestone::blobs {

class PartBudget : public std::enable_shared_from_this<PartBudget> {
  public:
    explicit PartBudget(std::uint64_t size_bytes) : left_bytes_(size_bytes) {}

    // So much of it, given back when it goes.
    class Share {
      public:
        Share() = default;
        Share(Share&& other) noexcept
            : budget_(std::move(other.budget_)), size_bytes_(std::exchange(other.size_bytes_, 0)) {}
        Share& operator=(Share&& other) noexcept {
            release();
            budget_ = std::move(other.budget_);
            size_bytes_ = std::exchange(other.size_bytes_, 0);
            return *this;
        }
        ~Share() { release(); }
        std::uint64_t size_bytes() const { return size_bytes_; }
        void release();
        // More of it, if it is to be had at once and nobody waits.
        bool grow(std::uint64_t more_bytes);

      private:
        friend class PartBudget;
        Share(std::shared_ptr<PartBudget> budget, std::uint64_t size_bytes)
            : budget_(std::move(budget)), size_bytes_(size_bytes) {}
        std::shared_ptr<PartBudget> budget_;
        std::uint64_t size_bytes_ = 0;
    };

    // In the order of asking. Throws Problem(unavailable) when there is none until then.
    Task<Share> acquire(std::uint64_t size_bytes, SteadyTime deadline);

  private:
    struct Waiter;
    bool take(std::uint64_t size_bytes);
    std::shared_ptr<Waiter> join(std::uint64_t size_bytes, LoopExecutor executor);
    bool leave(const std::shared_ptr<Waiter>& waiter);
    void give_back(std::uint64_t size_bytes);

    std::mutex mutex_;
    std::uint64_t left_bytes_;
    std::list<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace lodestone::blobs
