// A disk that does not confirm what it was given: SQLite's own VFS, but for syncs, which fail as long as a
// test wants them to.
#pragma once

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <stdexcept>

namespace lodestone::test {

// Databases that are opened while this lives, and closed before it goes, are on that disk.
class FailingSync {
  public:
    enum class File { log, database };

    FailingSync() {
        original_ = sqlite3_vfs_find(nullptr);
        vfs_ = *original_;
        vfs_.zName = "failing-sync";
        vfs_.pNext = nullptr;
        vfs_.xOpen = open;
        sqlite3_vfs_register(&vfs_, 1);
    }
    ~FailingSync() {
        sqlite3_vfs_unregister(&vfs_);
        sqlite3_vfs_register(original_, 1);
        log_.fails = database_.fails = false;
    }
    FailingSync(const FailingSync&) = delete;
    FailingSync& operator=(const FailingSync&) = delete;

    void fail(File file, bool fails = true) { state_of(file).fails = fails; }
    // How many have failed since the program began.
    static int failures(File file) { return state_of(file).failures; }

  private:
    struct State {
        std::atomic<bool> fails;
        std::atomic<int> failures;
    };
    // What a file can do: its own methods but for one. `own` stands first, so that a pointer to it is one to
    // this.
    struct Methods {
        sqlite3_io_methods own;
        const sqlite3_io_methods* original;
        State* state;
    };

    static State& state_of(File file) { return file == File::log ? log_ : database_; }

    static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* given) {
        const int result = original_->xOpen(original_, name, file, flags, given);
        if (result != SQLITE_OK || file->pMethods == nullptr) return result;
        if ((flags & SQLITE_OPEN_WAL) != 0) file->pMethods = &methods_of(file->pMethods, log_).own;
        if ((flags & SQLITE_OPEN_MAIN_DB) != 0) file->pMethods = &methods_of(file->pMethods, database_).own;
        return result;
    }
    // SQLite has few sets of methods, which live as long as the program, and so do ours.
    static const Methods& methods_of(const sqlite3_io_methods* original, State& state) {
        static std::mutex mutex;
        static std::array<Methods, 16> known{};
        const std::lock_guard lock(mutex);
        for (Methods& one : known) {
            if (one.original == nullptr) {
                one = {.own = *original, .original = original, .state = &state};
                one.own.xSync = sync;
            }
            if (one.original == original && one.state == &state) return one;
        }
        throw std::logic_error("SQLite has more kinds of files than this knows");
    }
    static int sync(sqlite3_file* file, int flags) {
        const auto* methods = reinterpret_cast<const Methods*>(file->pMethods);
        if (!methods->state->fails) return methods->original->xSync(file, flags);
        ++methods->state->failures;
        return SQLITE_IOERR_FSYNC;
    }

    static inline sqlite3_vfs* original_ = nullptr;
    static inline sqlite3_vfs vfs_{};
    static inline State log_;
    static inline State database_;
};

}  // namespace lodestone::test
