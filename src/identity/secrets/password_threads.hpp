// The few threads that hash passwords: each hash takes a core for tens of milliseconds and its share of
// memory, so loops never do it, and only so many wait. Who comes when the line is full is told to come again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/task.hpp"
#include "identity/secrets/password_hash.hpp"

namespace lodestone::identity {

class PasswordThreads {
  public:
    explicit PasswordThreads(PasswordCost cost = {});
    ~PasswordThreads() { stop(); }
    PasswordThreads(const PasswordThreads&) = delete;
    PasswordThreads& operator=(const PasswordThreads&) = delete;

    // These throw Problem(too_many_requests) when the line is full, Problem(unavailable) without memory.
    Task<std::string> hash(std::string password);
    // `bcrypt_rounds` as check_password() takes them.
    Task<PasswordVerdict> check(std::string stored_hash, std::string password, int bcrypt_rounds = 0);
    // Takes as long as another check, and finds the password wrong: for users that are not there.
    Task<PasswordVerdict> check_nobody(std::string password, int bcrypt_rounds = 0);

    // Does what waits, then ends the threads. To be called while the loops of those who wait still exist.
    void stop();

    const PasswordCost& cost() const { return cost_; }
    // How many were hashed or checked: what tests of equal time compare.
    std::uint64_t hash_count() const { return hash_count_.load(); }
    // What all checks together did; likewise.
    PasswordWork work_done();

  private:
    using Job = std::function<void()>;

    void reserve();
    void submit(Job job);
    // Runs `work` on one of the threads; the coroutine goes on on its own loop.
    Task<> run(Job work);
    void take_jobs();

    const PasswordCost cost_;
    const std::string decoy_hash_;
    std::atomic<std::uint64_t> hash_count_{0};
    std::mutex mutex_;
    PasswordWork work_done_;
    std::condition_variable changed_;
    std::deque<Job> queue_;
    std::size_t reserved_ = 0;  // in line, or on the way there
    bool is_stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace lodestone::identity
