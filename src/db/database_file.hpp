// The embedded database's file: opened with the settings that make SQLite safe for a server, checked, and
// asked now and then whether it still answers. The data layer proper builds on this.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

struct sqlite3;

namespace lodestone::db {

class DatabaseFile {
  public:
    // Makes the file if it is not there. Throws Problem(unavailable) when it cannot be opened or is damaged.
    explicit DatabaseFile(const std::string& path);
    ~DatabaseFile();

    // Reads something from the disk's view of the database; one sentence when that fails.
    std::optional<std::string> find_fault();

  private:
    struct Close {
        void operator()(sqlite3* connection) const;
    };
    void run(const char* sql);

    std::string path_;
    dev_t device_ = 0;  // with the next, which file it was that we opened
    ino_t number_ = 0;
    std::mutex mutex_;
    std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace lodestone::db
