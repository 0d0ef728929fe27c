// Small logs are recycled, so that writing goes on in a file that already has its blocks; a log above the cap
// is emptied, readers or not.
#include "db/sqlite/checkpoints.hpp"

#include <sqlite3.h>

#include <string>

namespace lodestone::db {

namespace {

constexpr int page_bytes = 4'096;  // SQLite's default

}  // namespace

Checkpoints::Checkpoints(SqliteConnection& connection, EngineParts& parts)
    : connection_(connection),
      parts_(parts),
      next_passive_(parts.tuning.checkpoint_pages),
      next_waiting_(parts.tuning.wal_cap_pages) {
    // What an earlier process left: how much is not known before the first COMMIT.
    if (parts_.path.wal_bytes() > 0) pages_ = 1;
    sqlite3_wal_hook(connection_.raw(), note_pages, this);
    // A log that outgrew the cap gives its space back when it starts anew.
    const std::int64_t cap_bytes = std::int64_t{parts.tuning.wal_cap_pages} * page_bytes;
    const std::string limit = "PRAGMA journal_size_limit = " + std::to_string(cap_bytes);
    sqlite3_exec(connection_.raw(), limit.c_str(), nullptr, nullptr, nullptr);
}

int Checkpoints::note_pages(void* self, sqlite3*, const char*, int pages) {
    auto* checkpoints = static_cast<Checkpoints*>(self);
    if (pages < checkpoints->pages_) checkpoints->begin_log();
    checkpoints->pages_ = pages;
    return SQLITE_OK;
}

void Checkpoints::begin_log() {
    next_passive_ = parts_.tuning.checkpoint_pages;
    next_waiting_ = parts_.tuning.wal_cap_pages;
}

// A reader of an old snapshot keeps pages from being copied, and any reader the log from starting anew: the
// next attempt is for when the log has grown, so that a long reader does not cost one at every COMMIT.
void Checkpoints::after_group() {
    if (pages_ < next_passive_) return;
    const SqliteTuning& tuning = parts_.tuning;
    const bool is_above_cap = pages_ >= next_waiting_;
    if (is_above_cap) connection_.set_patience(tuning.checkpoint_patience);
    const bool is_done = run(is_above_cap ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE);
    if (is_done && is_above_cap) return;
    next_passive_ = pages_ + (is_done ? tuning.checkpoint_pages : tuning.checkpoint_pages / 4);
    if (is_above_cap) next_waiting_ = pages_ + tuning.wal_cap_pages / 4;
}

void Checkpoints::when_idle() {
    if (!has_work()) return;
    connection_.set_patience(std::chrono::milliseconds(0));
    run(SQLITE_CHECKPOINT_TRUNCATE);
}

bool Checkpoints::run(int mode) {
    int in_log = 0;
    int copied = 0;
    const int result = sqlite3_wal_checkpoint_v2(connection_.raw(), nullptr, mode, &in_log, &copied);
    connection_.set_default_patience();
    parts_.measures.checkpoints.add();
    parts_.measures.wal_bytes.set(parts_.path.wal_bytes());
    if (result != SQLITE_OK) return false;
    if (mode == SQLITE_CHECKPOINT_TRUNCATE) {
        pages_ = 0;
        begin_log();
    }
    return in_log == copied;
}

}  // namespace lodestone::db
