// One switch over the primary codes; the extended ones only where they change the meaning.
// https://www.sqlite.org/rescode.html
#include "db/sqlite/result_codes.hpp"

#include <sqlite3.h>

namespace lodestone::db {

namespace {

constexpr int primary_of(int code) {
    return code & 0xff;
}

Failure failure_of_constraint(int code) {
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID: return Failure::unique;
        case SQLITE_CONSTRAINT_FOREIGNKEY: return Failure::reference;
        default: return Failure::rule;
    }
}

}  // namespace

Failure failure_of(int code) {
    if (code == SQLITE_IOERR_CORRUPTFS || code == SQLITE_IOERR_DATA) return Failure::damaged;
    switch (primary_of(code)) {
        case SQLITE_CONSTRAINT: return failure_of_constraint(code);
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return Failure::contention;
        case SQLITE_INTERRUPT: return Failure::too_slow;
        case SQLITE_READONLY:
        case SQLITE_PERM: return Failure::read_only;
        case SQLITE_FULL: return Failure::full;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return Failure::damaged;
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
        case SQLITE_NOMEM: return Failure::unavailable;
        case SQLITE_TOOBIG:
        case SQLITE_MISMATCH: return Failure::wrong_value;
        default: return Failure::statement;
    }
}

Failure failure_of_commit(int code) {
    // The transaction's last frame may have reached the log before the sync failed: recovery would find it.
    const bool is_unconfirmed = code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
    return is_unconfirmed ? Failure::unknown : failure_of(code);
}

// SQLite itself is unavailable only by I/O errors and want of memory.
bool is_disk_failure(Failure failure) {
    return failure == Failure::full || failure == Failure::damaged || failure == Failure::read_only ||
           failure == Failure::unavailable || failure == Failure::unknown;
}

}  // namespace lodestone::db
