// SQLite's result codes in the words that both engines share.
#pragma once

#include "db/failure.hpp"

namespace lodestone::db {

// `code` is an extended one, and not SQLITE_OK, SQLITE_ROW or SQLITE_DONE.
Failure failure_of(int code);
// The same for COMMIT: when the disk did not confirm it, nobody knows what a crash would leave.
Failure failure_of_commit(int code);
// Whether the disk or the file is at fault, rather than what was asked of it: then the next writes fail too.
bool is_disk_failure(Failure failure);

}  // namespace lodestone::db
