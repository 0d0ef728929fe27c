// Copies of a SQLite database: made while a server writes to it, and checked before they are trusted.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace lodestone::db {

// Called now and then with how many pages are copied, of how many.
using BackupProgress = std::function<void(std::int64_t done, std::int64_t total)>;

// Copies one snapshot of the database `from` into the file `to`, which appears whole, checked and on the
// disk, or not at all; an older file of that name is replaced. Writers go on meanwhile, but their log grows.
// Throws Problem(unavailable) with one sentence: what cannot be read, written, or is damaged; and
// Problem(invalid_input) when `to` is in the database's own folder, where a server has its files open.
void backup_sqlite(const std::string& from, const std::string& to, const BackupProgress& progress = {});

struct RestoreOptions {
    BackupProgress progress;
    // Looks into the copy, a file of its own that is whole, before it is the database; throws to refuse it.
    std::function<void(const std::string& copy)> check;
};

// Makes the database `to` from a backup, which is checked first: every page, index and foreign key. Throws
// Problem(invalid_input) when that is no whole database, or when a database is there already: nothing is
// overwritten, and whoever restores moves the old one away (with its -wal and -shm) when no server runs.
void restore_sqlite(const std::string& backup, const std::string& to, const RestoreOptions& options = {});

}  // namespace lodestone::db
