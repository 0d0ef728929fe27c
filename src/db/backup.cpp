// SQLite's online backup, into a temporary file beside the target, synced and renamed.
// https://www.sqlite.org/backup.html
#include "db/backup.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include "base/problem.hpp"
#include "base/unique_fd.hpp"

namespace lodestone::db {

namespace {

namespace fs = std::filesystem;

constexpr int pages_at_a_time = 1'024;
constexpr int busy_timeout_ms = 5'000;
// What SQLite appends to the name of a database for the files that belong to it.
constexpr const char* companions[] = {"", "-wal", "-shm", "-journal"};

struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

struct Finish {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

[[noreturn]] void refuse(const ProblemKind& kind, const std::string& what, const std::string& reason) {
    throw Problem(kind, what + ": " + reason + ".");
}

// A URI of a file that nobody changes, as SQLite takes it: no locks, no -wal and -shm beside it. The empty
// authority is named: a path that begins with "//" would be taken for one.
std::string immutable_uri(const std::string& path) {
    constexpr std::string_view special = "%?#";
    constexpr char digits[] = "0123456789abcdef";
    std::string escaped = "file://";
    for (const char c : fs::absolute(path).string()) {
        const auto byte = static_cast<unsigned char>(c);
        if (special.find(c) == std::string_view::npos)
            escaped += c;
        else
            escaped.append({'%', digits[byte >> 4u], digits[byte & 15u]});
    }
    return escaped + "?immutable=1";
}

Handle open_connection(const std::string& name, int flags) {
    sqlite3* opened = nullptr;
    const int result = sqlite3_open_v2(name.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    Handle connection(opened);
    if (result != SQLITE_OK) refuse(problems::unavailable, "Cannot open " + name, sqlite3_errstr(result));
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_busy_timeout(opened, busy_timeout_ms);
    return connection;
}

// The first value, or SQLite's complaint in its place.
std::string ask(const Handle& connection, const char* sql) {
    std::string first;
    const auto keep_first = [](void* kept, int, char** values, char**) {
        auto& text = *static_cast<std::string*>(kept);
        if (text.empty() && values[0] != nullptr) text = values[0];
        return 0;
    };
    const int result = sqlite3_exec(connection.get(), sql, keep_first, &first, nullptr);
    return result == SQLITE_OK ? first : sqlite3_errmsg(connection.get());
}

void check_copy(const std::string& path, const ProblemKind& kind) {
    const Handle copy = open_connection(immutable_uri(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    const std::string finding = ask(copy, "PRAGMA integrity_check(1)");
    if (finding != "ok")
        refuse(kind, path + " is not a whole database", finding.substr(finding.rfind('\n') + 1));
    const std::string orphan = ask(copy, "PRAGMA foreign_key_check");
    if (!orphan.empty()) refuse(kind, path + " is not a whole database", "table " + orphan + " has orphans");
}

void sync_path(const std::string& path, int flags) {
    const UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC));
    if (!file.is_open() || ::fsync(file.value()) != 0)
        refuse(problems::unavailable, "Cannot write " + path, std::generic_category().message(errno));
}

// A file beside `target` that nobody else can read; gone again unless it took the target's name.
class PartialFile {
  public:
    explicit PartialFile(const std::string& target) : target_(target), path_(target + ".partial-XXXXXX") {
        const UniqueFd made(::mkostemp(path_.data(), O_CLOEXEC));
        if (!made.is_open())
            refuse(problems::unavailable, "Cannot write " + target, std::generic_category().message(errno));
    }
    ~PartialFile() { ::unlink(path_.c_str()); }
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;

    const std::string& path() const { return path_; }

    // With `flags` RENAME_NOREPLACE it fails when the target is there.
    void keep(unsigned flags) {
        sync_path(path_, O_RDONLY);
        if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), flags) != 0)
            refuse(problems::unavailable, "Cannot write " + target_, std::generic_category().message(errno));
        const std::string folder = fs::path(target_).parent_path().string();
        sync_path(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY);
    }

  private:
    std::string target_;
    std::string path_;
};

// The transaction around it keeps one snapshot: without it every write of others would start it anew.
void copy_pages(const Handle& from, const std::string& from_path, const PartialFile& partial,
                const BackupProgress& progress) {
    const auto check = [&](const std::string& complaint) {
        if (!complaint.empty()) refuse(problems::unavailable, "Cannot copy " + from_path, complaint);
    };
    check(ask(from, "BEGIN"));
    if (ask(from, "SELECT count(*) >= 0 FROM sqlite_schema") != "1") check(sqlite3_errmsg(from.get()));
    const Handle to = open_connection(partial.path(), SQLITE_OPEN_READWRITE);
    ask(to, "PRAGMA synchronous = OFF");  // synced as a whole at the end
    const std::unique_ptr<sqlite3_backup, Finish> backup(
        sqlite3_backup_init(to.get(), "main", from.get(), "main"));
    if (!backup) check(sqlite3_errmsg(to.get()));
    int result = SQLITE_OK;
    while (result == SQLITE_OK) {
        result = sqlite3_backup_step(backup.get(), pages_at_a_time);
        const int total = sqlite3_backup_pagecount(backup.get());
        if (progress) progress(total - sqlite3_backup_remaining(backup.get()), total);
    }
    if (result != SQLITE_DONE) check(sqlite3_errstr(result));
}

bool is_same_file(const std::string& one, const std::string& other) {
    std::error_code ignored;
    return fs::equivalent(one, other, ignored);
}

fs::path folder_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// By device and inode, up to the root: other spellings, links and mounts of the folder are the folder too.
bool is_inside(const fs::path& path, const fs::path& folder) {
    std::error_code ignored;
    fs::path above = fs::canonical(folder_of(path), ignored);
    for (; !above.empty(); above = above.parent_path()) {
        if (is_same_file(above, folder)) return true;
        if (above == above.root_path()) break;
    }
    return false;
}

// The rename would replace what a running server has open: the database, its log, or another of its files.
void refuse_live_target(const std::string& from, const std::string& to) {
    const std::string what = "Cannot back up " + from;
    std::error_code ignored;
    const fs::path real = fs::weakly_canonical(from, ignored);
    for (const char* companion : companions)
        for (const std::string& path : {from, real.string()})
            if (is_same_file(path + companion, to))
                refuse(problems::invalid_input, what,
                       *companion == '\0' ? "the target is the database itself"
                                          : "the target is the database's own " + path + companion);
    for (const fs::path& path : {fs::path(from), real})
        if (is_inside(to, folder_of(path)))
            refuse(problems::invalid_input, what,
                   to + " is inside the database's own folder, where a server keeps its files; name a "
                        "file elsewhere");
}

}  // namespace

void backup_sqlite(const std::string& from, const std::string& to, const BackupProgress& progress) {
    refuse_live_target(from, to);
    const Handle source = open_connection(from, SQLITE_OPEN_READWRITE);
    PartialFile partial(to);
    copy_pages(source, from, partial, progress);
    check_copy(partial.path(), problems::unavailable);
    partial.keep(0);
}

void restore_sqlite(const std::string& backup, const std::string& to, const RestoreOptions& options) {
    for (const char* companion : companions)
        if (fs::exists(to + companion))
            refuse(problems::invalid_input, "Cannot restore to " + to,
                   to + companion + " is there: move it away first");
    if (fs::exists(backup + "-wal") && fs::file_size(backup + "-wal") > 0)
        refuse(problems::invalid_input, backup + " is not a backup", "it has a write-ahead log beside it");
    if (!fs::is_regular_file(backup) || fs::file_size(backup) == 0)
        refuse(problems::invalid_input, backup + " is not a backup", "it is no file, or empty");
    check_copy(backup, problems::invalid_input);
    const Handle source = open_connection(immutable_uri(backup), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    PartialFile partial(to);
    copy_pages(source, backup, partial, options.progress);
    check_copy(partial.path(), problems::unavailable);
    if (options.check) options.check(partial.path());
    partial.keep(RENAME_NOREPLACE);
}

}  // namespace lodestone::db
