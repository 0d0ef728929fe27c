// When the write-ahead log is copied into the database: by size between two groups of writes, and when there
// is nothing else to do. SQLite's own way would be inside somebody's COMMIT.
#pragma once

#include "db/sqlite/connection.hpp"
#include "db/sqlite/engine_parts.hpp"

namespace lodestone::db {

class Checkpoints {
  public:
    Checkpoints(SqliteConnection& connection, EngineParts& parts);

    void after_group();  // cheap as long as the log is small
    void when_idle();    // leaves an empty log, if no reader needs it
    bool has_work() const { return pages_ > 0; }

  private:
    static int note_pages(void* self, struct sqlite3*, const char*, int pages);
    void begin_log();
    bool run(int mode);  // whether everything is copied

    SqliteConnection& connection_;
    EngineParts& parts_;
    int pages_ = 0;  // in the log
    int next_passive_;
    int next_waiting_;
};

}  // namespace lodestone::db
