// The readers of a SQLite database: a thread and a connection each, one line before all of them. They see
// the last committed snapshot and never wait for the writer.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "db/sqlite/connection.hpp"
#include "db/sqlite/engine_parts.hpp"
#include "db/sqlite/run_unit.hpp"
#include "db/sqlite/session.hpp"
#include "db/sqlite/work_line.hpp"

namespace lodestone::db {

class SqliteReaders {
  public:
    // After the writer has made the file. Throws Problem(unavailable).
    explicit SqliteReaders(EngineParts& parts);
    ~SqliteReaders();

    void start();
    WorkLine& line() { return line_; }
    const WorkLine& line() const { return line_; }
    std::size_t size() const { return readers_.size(); }
    void join();  // after line().close()

  private:
    struct Reader {
        explicit Reader(EngineParts& parts);
        SqliteConnection connection;
        SqliteSession session;
        WorkLine::Seat seat;
        std::thread thread;
    };

    void run(Reader& reader);
    void read(Reader& reader, Work& work);
    void note(const DatabaseError& error);
    Outcome attempt(Reader& reader, Work& work);

    EngineParts& parts_;
    WorkLine line_;
    std::vector<std::unique_ptr<Reader>> readers_;
};

}  // namespace lodestone::db
