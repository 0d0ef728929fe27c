// The links of all event loops to one PostgreSQL, and the thread that connects them: connecting may block.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/unique_fd.hpp"
#include "db/postgres/hosts.hpp"
#include "db/postgres/loop_link.hpp"

namespace lodestone::db {

class LoopLinks {
  public:
    LoopLinks(const PostgresOptions& options, Context& context, std::function<void(Ticket)> give_to_pool);
    ~LoopLinks();

    // On the loop's thread: false when the pool has to do it, and `work` is as it was.
    bool take(std::unique_ptr<Work>& work);
    void forget_statements() { ++generation_; }
    // What is under way is finished first, while the loops still turn.
    void stop();
    std::int64_t size() const;  // connections

  private:
    struct Wish {
        std::shared_ptr<LoopLink> link;
        SteadyTime due;
        int failures = 0;
    };
    std::shared_ptr<LoopLink> find_link(const LoopExecutor& loop);
    void wish(LoopLink& link);
    void connect_all();
    bool connect(Wish& wish);

    const PostgresOptions& options_;
    Context& context_;
    PostgresNumbers numbers_;
    Hosts hosts_;
    const UniqueFd stop_event_;
    const std::uint64_t owner_;
    std::atomic<std::uint64_t> generation_{0};
    const LoopLink::Surroundings around_;
    mutable std::mutex mutex_;
    std::condition_variable wished_;
    std::vector<std::shared_ptr<LoopLink>> links_;
    std::deque<Wish> wishes_;
    bool is_stopping_ = false;
    std::thread connector_;  // from the first link on
};

}  // namespace lodestone::db
