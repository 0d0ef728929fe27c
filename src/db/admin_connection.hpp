// A connection for whoever changes the schema or looks into the catalogue: plain text in, plain text out, one
// session for as long as it lives. Nothing that serves a request uses it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/statement.hpp"

namespace lodestone::db {

// Every cell as text, or null.
using TextRow = std::vector<std::optional<std::string>>;

class AdminConnection {
  public:
    virtual ~AdminConnection() = default;
    virtual EngineKind engine() const = 0;
    // One statement without parameters. Throws DatabaseError.
    virtual void run(std::string_view sql) = 0;
    virtual std::vector<TextRow> list_rows(std::string_view sql,
                                           std::span<const std::string> parameters = {}) = 0;
};

// `path`: a file, or ":memory:".
std::unique_ptr<AdminConnection> open_sqlite_admin(const std::string& path);
// `url`: what libpq takes, URL or keywords. Throws DatabaseError(unavailable) with the server's reason.
std::unique_ptr<AdminConnection> open_postgres_admin(const std::string& url,
                                                     std::chrono::milliseconds timeout);

}  // namespace lodestone::db
