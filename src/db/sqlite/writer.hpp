// The one writer of a SQLite database. Everything that waits becomes one transaction, each unit of work in a
// savepoint of its own, and one COMMIT makes all of them durable: syncing the disk is what a write costs.
#pragma once

#include <thread>

#include "base/clock.hpp"
#include "db/sqlite/checkpoints.hpp"
#include "db/sqlite/connection.hpp"
#include "db/sqlite/engine_parts.hpp"
#include "db/sqlite/run_unit.hpp"
#include "db/sqlite/session.hpp"
#include "db/sqlite/work_line.hpp"

namespace lodestone::db {

class SqliteWriter {
  public:
    // Opens and checks the file: throws Problem(unavailable).
    explicit SqliteWriter(EngineParts& parts);
    ~SqliteWriter();

    void start();
    WorkLine& line() { return line_; }
    const WorkLine& line() const { return line_; }
    void join();  // after line().close()

  private:
    struct Member {
        std::unique_ptr<Work> work;
        std::exception_ptr failure;  // its own; the others go on
    };

    void run();
    void rest(std::chrono::milliseconds rested);
    std::optional<std::chrono::milliseconds> patience() const;
    void look_outside();
    void write_group();
    void run_next();
    Outcome run_in_group(Work& work);
    int begin_unit();
    bool undo_unit();
    void repeat_group();
    std::exception_ptr commit_group();
    void finish_group();
    void refuse_waiting(const DatabaseError& error);
    void note(const DatabaseError& error);
    void note_healed();
    SteadyTime now() const { return parts_.context.clock.steady_now(); }

    EngineParts& parts_;
    SqliteConnection connection_;
    SqliteSession session_;
    Checkpoints checkpoints_;
    WorkLine line_;
    WorkLine::Seat seat_;
    WaitingWork waiting_;                  // taken from the line, not yet run
    std::vector<Member> group_;            // run in the open transaction, or refused since it began
    std::size_t done_ = 0;                 // members of the group that are to be committed
    std::size_t room_ = 0;                 // how many may still be run before COMMIT
    std::chrono::milliseconds rested_{0};  // without work
    std::int64_t outside_version_ = 0;
    SteadyTime next_look_{};
    bool has_savepoint_ = false;  // of the unit at hand
    std::thread thread_;
};

}  // namespace lodestone::db
