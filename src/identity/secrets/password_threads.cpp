// The threads, their line, and the way there and back for a coroutine.
#include "identity/secrets/password_threads.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"

namespace lodestone::identity {

PasswordThreads::PasswordThreads(PasswordCost cost) : cost_(cost), decoy_hash_(make_decoy_hash(cost)) {
    for (std::size_t i = 0; i < limits::password_threads; ++i) threads_.emplace_back([this] { take_jobs(); });
}

void PasswordThreads::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

PasswordWork PasswordThreads::work_done() {
    const std::lock_guard lock(mutex_);
    return work_done_;
}

void PasswordThreads::reserve() {
    const std::lock_guard lock(mutex_);
    if (is_stopping_) throw Problem(problems::unavailable, "The server is stopping; try again in a moment.");
    if (reserved_ >= limits::password_queue + limits::password_threads)
        throw Problem(problems::too_many_requests,
                      "Too many people are signing in just now; try again in a moment.")
            .with_header("Retry-After", "2");
    ++reserved_;
}

void PasswordThreads::submit(Job job) {
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(job));
    }
    changed_.notify_one();
}

void PasswordThreads::take_jobs() {
    std::unique_lock lock(mutex_);
    for (;;) {
        // Whoever has a place in line but is not there yet is waited for: their loop is running.
        changed_.wait(lock, [this] { return !queue_.empty() || (is_stopping_ && reserved_ == 0); });
        if (queue_.empty()) return;
        const Job job = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        job();
        lock.lock();
        --reserved_;
        if (is_stopping_) changed_.notify_all();
    }
}

Task<> PasswordThreads::run(Job work) {
    using Token = boost::asio::use_awaitable_t<LoopExecutor>;
    reserve();
    auto start = [this, &work](auto handler) {
        auto executor = boost::asio::get_associated_executor(handler);
        // A function can be copied, a coroutine's handler cannot.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        submit([this, executor, shared = std::move(shared), work = std::move(work)]() mutable {
            work();
            ++hash_count_;
            boost::asio::post(executor, [shared = std::move(shared)] { std::move (*shared)(); });
        });
    };
    co_await boost::asio::async_initiate<const Token, void()>(std::move(start), Token{});
}

Task<std::string> PasswordThreads::hash(std::string password) {
    auto hashed = std::make_shared<std::optional<std::string>>();
    Job work = [hashed, password = std::move(password), cost = cost_] {
        *hashed = hash_password(password, cost);
    };
    co_await run(std::move(work));
    if (!*hashed)
        throw Problem(problems::unavailable, "There is no memory left for this; try again in a moment.");
    co_return std::move(**hashed);
}

Task<PasswordVerdict> PasswordThreads::check(std::string stored_hash, std::string password,
                                             int bcrypt_rounds) {
    auto verdict = std::make_shared<PasswordVerdict>();
    Job work = [verdict, stored = std::move(stored_hash), password = std::move(password), cost = cost_,
                bcrypt_rounds] { *verdict = check_password(stored, password, cost, bcrypt_rounds); };
    co_await run(std::move(work));
    const std::lock_guard lock(mutex_);
    work_done_.argon2id += verdict->work.argon2id;
    work_done_.bcrypt_rounds += verdict->work.bcrypt_rounds;
    co_return *verdict;
}

Task<PasswordVerdict> PasswordThreads::check_nobody(std::string password, int bcrypt_rounds) {
    PasswordVerdict verdict = co_await check(decoy_hash_, std::move(password), bcrypt_rounds);
    verdict.is_right = verdict.is_outdated = false;
    co_return verdict;
}

}  // namespace lodestone::identity
