// A pool of connections to one server, each with a thread of its own, and the line of units that wait for
// one. Units run in the order in which they came; of the idle threads the one that ran last goes first, and
// one that is about to be idle before any that sleeps, so that those which are not needed stay idle and end.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/context.hpp"
#include "base/unique_fd.hpp"
#include "db/postgres/hosts.hpp"
#include "db/postgres/ticket.hpp"
#include "db/postgres/unit_runner.hpp"

namespace lodestone::db {

class PostgresPool {
  public:
    enum class Part : std::uint8_t { primary, replica };
    // `elsewhere` takes what a replica could not do; empty for the primary.
    PostgresPool(std::string url, Part part, const PostgresOptions& options, Context& context,
                 std::function<void(Ticket)> elsewhere = {});
    ~PostgresPool();

    void submit(Ticket ticket);
    void stop();
    void forget_statements() { ++generation_; }

    struct Status {
        Server server;
        std::int64_t size = 0, idle = 0, in_use = 0, waiting = 0;
        std::optional<std::chrono::milliseconds> lag;
        std::optional<std::string> fault;
        bool is_read_only = false;
    };
    Status status() const;
    // Of a replica: connected, and not far behind.
    bool is_fresh() const { return is_fresh_; }

  private:
    struct Worker;
    using Lock = std::unique_lock<std::mutex>;
    using Wake = std::shared_ptr<std::condition_variable>;  // may be notified when its worker is gone

    // pool.cpp: the line, and the thread that keeps its time and the number of workers.
    void keep_house();
    Wake give_to_idle(Ticket& ticket);
    void give_line_to_idle();
    Ticket take_first();
    bool wants_worker() const;
    void start_worker();
    void join_finished(Lock& lock);
    std::vector<Ticket> take_expired();
    void refuse(std::vector<Ticket> tickets, std::string_view why);
    void requeue(Ticket ticket);
    SteadyTime expiry_of(const Ticket& ticket) const;

    // worker.cpp: what each connection's thread does.
    void work(Worker& worker);
    bool stay_connected(Worker& worker);
    void note_connected(Worker& worker, Connected connected);
    void note_refused(const std::string& fault);
    void wait_to_reconnect(Worker& worker, int failures);
    std::optional<Ticket> next_ticket(Worker& worker);
    bool is_usable(Worker& worker, const Ticket& ticket);
    void run_ticket(Worker& worker, Ticket ticket);
    void look_after(Worker& worker);
    void probe_lag(Worker& worker);
    void drop_connection(Worker& worker, std::string why);
    SteadyTime due_of(const Worker& worker) const;
    SteadyTime now() const { return context_.clock.steady_now(); }
    std::chrono::milliseconds jitter(std::chrono::milliseconds longest);

    Hosts hosts_;
    const Part part_;
    const PostgresOptions& options_;
    Context& context_;
    PostgresNumbers numbers_;
    const std::function<void(Ticket)> elsewhere_;
    const UniqueFd stop_event_;
    std::atomic<std::uint64_t> generation_{0};
    std::atomic<bool> is_fresh_{false};
    std::atomic<std::size_t> returning_{
        0};  // workers about to be idle: grows without the lock, shrinks under it
    std::atomic<SteadyTime> next_probe_{SteadyTime{}};

    mutable std::mutex mutex_;
    std::condition_variable house_;
    std::deque<Ticket> line_;
    std::vector<Worker*> idle_;  // the last is the next to work
    std::vector<std::unique_ptr<Worker>> workers_;
    SteadyTime next_expiry_ = SteadyTime::max();
    SteadyTime may_grow_ = SteadyTime{};  // not before, since a connection was refused
    std::size_t live_ = 0;                // workers that have not ended
    std::size_t connected_ = 0;           // of them
    bool has_finished_workers_ = false;
    bool is_stopping_ = false;
    bool is_read_only_ = false;
    Server server_;
    std::string fault_;
    std::optional<std::chrono::milliseconds> lag_;
    std::thread housekeeper_;
};

// One thread and its connection.
struct PostgresPool::Worker {
    const Wake wake = std::make_shared<std::condition_variable>();
    std::optional<Ticket> given;
    std::unique_ptr<Connection> connection;
    std::uint64_t generation = 0;  // of its prepared statements
    SteadyTime used{};
    SteadyTime asked{};         // when the server last showed that it is there
    SteadyTime ends{};          // the connection's lifetime
    bool is_needed = true;      // one of the least that there are: it connects until it succeeds
    bool is_over = false;       // it ends
    bool is_finished = false;   // it has ended
    bool is_called = false;     // to connect at once
    bool is_returning = false;  // its unit is over, and it comes back to the line
    std::optional<UnitRunner> runner;
    std::thread thread;
};

}  // namespace lodestone::db
