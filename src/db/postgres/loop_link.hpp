// An event loop's own connection to PostgreSQL: look-ups, and reads of one statement, of many coroutines
// under way at once, in one pipeline. No thread is woken, and what comes together leaves in one packet.
// Whatever goes wrong, and whatever would have to wait behind a slow statement, is handed to the pool, which
// knows every way out; so this class knows none of its own (docs/adr/0010-reads-on-the-loop.md).
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <future>
#include <memory>

#include "base/context.hpp"
#include "base/descriptor_watch.hpp"
#include "db/loop_items.hpp"
#include "db/open_database.hpp"
#include "db/postgres/loop_session.hpp"
#include "db/postgres/ticket.hpp"

namespace lodestone::db {

class LoopLink final : public LoopItem, public std::enable_shared_from_this<LoopLink> {
  public:
    struct Surroundings {
        const PostgresOptions& options;
        Context& context;
        PostgresNumbers& numbers;
        std::function<void(Ticket)> give_to_pool;
        std::function<void(LoopLink&)> want_connection;  // adopt() follows, some time
    };
    // On the loop's thread, as everything here that does not say otherwise.
    LoopLink(const LoopExecutor& loop, const Surroundings& around);
    ~LoopLink() override;

    // False: the pool has to do it, and `work` is as it was. `generation`: of prepared statements.
    bool take(std::unique_ptr<Work>& work, std::uint64_t generation);
    void adopt(std::unique_ptr<Connection> connection, std::uint64_t generation, SteadyTime ends);
    // What is under way is finished first, if that does not take long.
    void close(std::shared_ptr<std::promise<void>> closed);
    void leave_loop() noexcept override;

    const LoopExecutor& loop() const { return loop_; }  // from any thread
    bool has_connection() const { return is_connected_; }
    bool has_left() const { return has_left_; }  // its loop is gone, or going

  private:
    struct Flight {
        std::unique_ptr<Work> work;  // null: the pool does it now, or it was given up
        Time now;
        AskedFor asked;
        SteadyTime sent;
        SteadyTime gives_up;
        bool breaks_silence = false;  // nothing was heard of the server for long
    };
    enum class Ended : std::uint8_t { done, asked, unsuited, failed };

    static Ended attempt(Work& work, Session& session, Time now, std::exception_ptr& failure);
    bool is_usable(std::uint64_t generation, SteadyTime time);
    bool needs_limit(const Unit& unit, SteadyTime time) const;
    void schedule_flush();
    void flush();
    void on_ready();
    void deliver(Connection::Answer answer);
    void finish(Flight& flight, ResultPointer result);
    void fail(Flight& flight, const Fault& fault);
    void give_to_pool(Flight& flight, bool was_lost = false);
    void lose(const Fault& fault);
    void retire();
    void drop_connection();
    void start_timer();
    void on_time();

    struct Clockwork;  // the timer

    const LoopExecutor loop_;
    const Surroundings around_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<DescriptorWatch> watch_;  // of its socket
    std::unique_ptr<Clockwork> clockwork_;
    std::atomic<bool> is_connected_{false};
    std::atomic<bool> has_left_{false};
    std::uint64_t generation_ = 0;
    SteadyTime ends_{};
    SteadyTime used_{};
    std::deque<Flight> flying_;
    std::size_t unsynced_ = 0;  // of them
    bool is_flush_scheduled_ = false;
    bool is_stalled_ = false;   // the first under way is slow
    bool is_retiring_ = false;  // ends when nothing is under way
    std::shared_ptr<std::promise<void>> closed_;
    SteadyTime closes_{};
};

}  // namespace lodestone::db
