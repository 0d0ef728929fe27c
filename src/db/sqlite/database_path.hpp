// Which file a database lies in: made private when it is new, and watched, since what is written into a file
// that somebody has moved away or replaced would be lost with us.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace lodestone::db {

class DatabasePath {
  public:
    // A path, or ":memory:": a file of its own in the system's folder for shared memory, removed with this
    // object. SQLite's own databases in memory have neither a write-ahead log nor readers beside the writer,
    // so tests on them would run other code than servers do.
    explicit DatabasePath(const std::string& path);
    ~DatabasePath();
    DatabasePath(const DatabasePath&) = delete;
    DatabasePath& operator=(const DatabasePath&) = delete;

    const std::string& text() const { return path_; }
    bool is_temporary() const { return !folder_.empty(); }

    // Makes the file if it is not there, for nobody but its owner; its -wal and -shm get the same mode from
    // SQLite. Does not open a file that is there: closing it would drop the locks of this process.
    void make_private() const;
    // Remembers which file it is that was opened.
    void remember();
    // One sentence when the path no longer leads to that file.
    std::optional<std::string> find_fault() const;
    std::int64_t wal_bytes() const;

  private:
    std::string folder_;  // of a temporary one
    std::string path_;
    dev_t device_ = 0;
    ino_t number_ = 0;
};

}  // namespace lodestone::db
