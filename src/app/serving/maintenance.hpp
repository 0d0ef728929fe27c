// One thread that looks after what nobody waits for: it numbers audit entries, writes down what the gate
// refused and what else this node has in memory to be written, and does the chores that are due. What fails
// is logged once, and tried again.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/serving/chores.hpp"
#include "base/context.hpp"
#include "base/metrics.hpp"
#include "db/database.hpp"
#include "ledger/refusals.hpp"

namespace lodestone::app {

// What waits in this node's memory to be written: asked about in each round, and written once more at the
// end.
struct Backlog {
    std::string name;
    std::function<bool()> is_due;
    std::function<void()> write;
};

class Maintenance {
  public:
    // How much of a chore is done at a stretch.
    static constexpr int chore_steps = 100;

    Maintenance(db::Database& database, ledger::RefusalRecorder& refusals, std::vector<Chore> chores,
                Context& context);
    ~Maintenance() { stop(); }
    Maintenance(const Maintenance&) = delete;
    Maintenance& operator=(const Maintenance&) = delete;

    // Done first, until it has succeeded once.
    void begin_with(std::function<void()> task) { first_ = std::move(task); }
    // Before the start.
    void look_after(Backlog backlog) { backlogs_.push_back(std::move(backlog)); }
    void start();
    // Writes what is still to be written, as far as the database takes it. Before the database stops.
    void stop();

    // As which this node takes turns.
    const std::string& node() const { return node_; }

    // What the thread does each time; tests call these themselves.
    void number_entries();
    void write_refusals();
    void run_chores();

  private:
    struct ChoreCounts {
        Counter& rows;
        Counter& failures;
        Gauge& last_done;
    };

    void run();
    void run_round();
    // Whether it was this node's turn.
    bool run_chore(const Chore& chore, ChoreCounts& counts);
    void forget_what_is_seldom();
    // Whether it succeeded. What fails for the same reason as the last time is no news.
    bool attempt(const std::string& what, const std::function<void()>& task);
    bool is_stopping();

    db::Database& database_;
    ledger::RefusalRecorder& refusals_;
    std::vector<Chore> chores_;
    Context& context_;
    const std::string node_;
    Counter& numbered_;
    Gauge& waiting_;
    std::vector<ChoreCounts> counts_;
    std::function<void()> first_;
    std::vector<Backlog> backlogs_;
    SteadyTime next_minute_{};
    std::map<std::string, std::string> faults_;  // by task: what was logged last
    bool has_round_failed_ = false;
    std::mutex mutex_;
    std::condition_variable stopping_;
    bool is_stopping_ = false;
    std::thread thread_;
};

}  // namespace lodestone::app
