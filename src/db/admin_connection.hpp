// A connection for whoever changes the schema or looks into the catalogue: plain text in, plain text out, one
// session for as long as it lives. Nothing that serves a request uses it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "db/capabilities.hpp"
#include "db/statement.hpp"

namespace lodestone::db {

// Every cell as text, or null; bytes as hexadecimal, truth as 1 and 0.
using TextRow = std::vector<std::optional<std::string>>;

// What an engine says of a statement that it prepared, without running it.
struct PreparedColumn {
    std::string name;
    std::optional<Kind> kind;         // nothing: the engine does not know before there are rows
    std::optional<bool> is_nullable;  // nothing: it is not simply a column of a table
};

class AdminConnection {
  public:
    virtual ~AdminConnection() = default;
    virtual EngineKind engine() const = 0;
    // Of the server that answers.
    virtual Capabilities capabilities() { return {}; }
    // How long an answer may take from here on; a server that takes longer counts as gone, and everything on
    // this connection ends with DatabaseError(unavailable). Nothing: as when it was opened, the least there
    // is. SQLite answers on the caller's own thread, and needs none.
    virtual void set_patience(std::optional<std::chrono::milliseconds>) {}
    // One statement without parameters; its rows, if any, are dropped. Throws DatabaseError.
    virtual void run(std::string_view sql) = 0;
    virtual std::vector<TextRow> list_rows(std::string_view sql,
                                           std::span<const std::string> parameters = {}) = 0;
    // Leaves an open transaction, if there is one, after a failure: never throws.
    virtual void roll_back() noexcept = 0;
    // Prepares and forgets. Throws DatabaseError when the statement does not fit the schema.
    virtual std::vector<PreparedColumn> describe(std::string_view sql, std::span<const Kind> parameters) = 0;
};

// `path`: a file, made for nobody but its owner if it is not there; ":memory:"; or a "file:" URI. Waits for
// other writers as long as `busy_timeout`.
std::unique_ptr<AdminConnection> open_sqlite_admin(
    const std::string& path, std::chrono::milliseconds busy_timeout = limits::migration_lock_wait);
// What the connection is for. write: a server that takes changes, or none. read: one that takes none will do,
// if there is no other.
enum class AdminAccess : std::uint8_t { write, read };

// `url`: what libpq takes, URL or keywords. Throws DatabaseError(unavailable) with the server's reason.
// `timeout`: to connect, and for each answer until set_patience(). `lacks`: what it is not to be believed to
// have.
std::unique_ptr<AdminConnection> open_postgres_admin(const std::string& url,
                                                     std::chrono::milliseconds timeout,
                                                     AdminAccess access = AdminAccess::write,
                                                     Lacks lacks = {});

}  // namespace lodestone::db
