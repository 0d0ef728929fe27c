// Holding the database's writer, so that a test decides who waits in line; and other bad weather that the
// tests of the SQLite engine make.
#pragma once

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "support/sqlite_database.hpp"

namespace lodestone::test {

// From its beginning to its end the writer runs a unit of ours, and everything else waits.
class BlockedWriter {
  public:
    // `at_end` is what the unit does when it is let go.
    explicit BlockedWriter(SqliteDatabase& database, std::function<void(db::Tx&)> at_end = {})
        : at_end_(std::move(at_end)) {
        std::promise<void> started;
        done_ = database.submit(db::WorkKind::write, [this, &started](db::Tx& tx) {
            // Comes again when the writer repeats the group; then nobody waits for it any more.
            if (!std::exchange(has_run_, true)) {
                started.set_value();
                released_.get_future().wait();
            }
            if (at_end_) at_end_(tx);
        });
        started.get_future().wait();
    }
    ~BlockedWriter() {
        released_.set_value();
        done_.wait();
    }
    BlockedWriter(const BlockedWriter&) = delete;
    BlockedWriter& operator=(const BlockedWriter&) = delete;

  private:
    std::function<void(db::Tx&)> at_end_;
    bool has_run_ = false;
    std::promise<void> released_;
    std::future<void> done_;
};

// No file of this process may grow above a size: a disk that refuses.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(std::size_t size_bytes) {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{.rlim_cur = size_bytes, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

  private:
    rlimit before_{};
};

// For what other threads do on their own; fails the test after half a minute.
inline void wait_until(const std::function<bool()>& is_so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!is_so()) {
        ASSERT_LT(std::chrono::steady_clock::now(), end) << "it never came to be";
        std::this_thread::yield();
    }
}

// A number of the metrics page; -1 when it is not there. `labels` begin with a comma.
inline double metric(SqliteDatabase& database, const std::string& name, const std::string& labels = "") {
    const std::string page = database.metrics().render();
    const std::string line = "\n" + name + "{engine=\"sqlite\"" + labels + "} ";
    const std::size_t at = page.find(line);
    return at == std::string::npos ? -1 : std::atof(page.c_str() + at + line.size());
}

}  // namespace lodestone::test
