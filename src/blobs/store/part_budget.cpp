// Waiters sit on loops of their own, so each is woken there; whose turn it is, is decided under the mutex.
#include "blobs/store/part_budget.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <vector>

#include "base/problem.hpp"

namespace lodestone::blobs {

struct PartBudget::Waiter {
    Waiter(std::uint64_t wanted_bytes, LoopExecutor on) : size_bytes(wanted_bytes), executor(on), turn(on) {}
    const std::uint64_t size_bytes;
    const LoopExecutor executor;
    http::Event turn;       // of its own loop alone
    bool is_given = false;  // under the budget's mutex
};

void PartBudget::Share::release() {
    if (budget_ && size_bytes_ > 0) budget_->give_back(std::exchange(size_bytes_, 0));
}

bool PartBudget::Share::grow(std::uint64_t more_bytes) {
    if (!budget_ || !budget_->take(more_bytes)) return false;
    size_bytes_ += more_bytes;
    return true;
}

bool PartBudget::take(std::uint64_t size_bytes) {
    const std::lock_guard lock(mutex_);
    if (!waiters_.empty() || left_bytes_ < size_bytes) return false;
    left_bytes_ -= size_bytes;
    return true;
}

std::shared_ptr<PartBudget::Waiter> PartBudget::join(std::uint64_t size_bytes, LoopExecutor executor) {
    auto waiter = std::make_shared<Waiter>(size_bytes, executor);
    const std::lock_guard lock(mutex_);
    if (waiters_.empty() && left_bytes_ >= size_bytes) {
        left_bytes_ -= size_bytes;
        waiter->is_given = true;
    } else {
        waiters_.push_back(waiter);
    }
    return waiter;
}

// Whether it was its turn; if not, it never is.
bool PartBudget::leave(const std::shared_ptr<Waiter>& waiter) {
    const std::lock_guard lock(mutex_);
    std::erase(waiters_, waiter);
    return waiter->is_given;
}

void PartBudget::give_back(std::uint64_t size_bytes) {
    std::vector<std::shared_ptr<Waiter>> next;
    {
        const std::lock_guard lock(mutex_);
        left_bytes_ += size_bytes;
        while (!waiters_.empty() && waiters_.front()->size_bytes <= left_bytes_) {
            left_bytes_ -= waiters_.front()->size_bytes;
            waiters_.front()->is_given = true;
            next.push_back(waiters_.front());
            waiters_.pop_front();
        }
    }
    for (const auto& waiter : next) boost::asio::post(waiter->executor, [waiter] { waiter->turn.notify(); });
}

Task<PartBudget::Share> PartBudget::acquire(std::uint64_t size_bytes, SteadyTime deadline) {
    if (take(size_bytes)) co_return Share(shared_from_this(), size_bytes);
    const LoopExecutor executor = co_await boost::asio::this_coro::executor;
    // A coroutine that ends while it waits leaves the line, and gives back what it was given meanwhile.
    struct Place {
        std::shared_ptr<PartBudget> budget;
        std::shared_ptr<Waiter> waiter;
        bool is_taken = false;
        ~Place() {
            if (!is_taken && budget->leave(waiter)) budget->give_back(waiter->size_bytes);
        }
    };
    Place place{shared_from_this(), join(size_bytes, executor)};
    if (!place.waiter->is_given) co_await place.waiter->turn.wait(deadline);
    if (!leave(place.waiter))
        throw Problem(problems::unavailable,
                      "Too many large files are uploaded at once; try again in a moment.")
            .with_header("Retry-After", "10");
    place.is_taken = true;
    co_return Share(shared_from_this(), size_bytes);
}

}  // namespace lodestone::blobs
