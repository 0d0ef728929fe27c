// The administrator's connection to a SQLite file.
#include <sqlite3.h>

#include <thread>

#include "base/ensure.hpp"
#include "base/hex.hpp"
#include "db/admin_connection.hpp"
#include "db/failure.hpp"
#include "db/sqlite/database_path.hpp"
#include "db/sqlite/result_codes.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;

struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using PreparedStatement = std::unique_ptr<sqlite3_stmt, Finalize>;

std::optional<std::string> cell_of(sqlite3_stmt* statement, int column) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) return std::nullopt;
    if (sqlite3_column_type(statement, column) == SQLITE_BLOB)
        return to_hex({static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, column)),
                       static_cast<std::size_t>(sqlite3_column_bytes(statement, column))});
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
}

// Of a STRICT table's column: these are all the words there can be, and ANY.
std::optional<Kind> kind_of(const char* declared) {
    const std::string_view type = declared == nullptr ? "" : declared;
    if (type == "INTEGER" || type == "INT") return Kind::integer;
    if (type == "TEXT") return Kind::text;
    if (type == "REAL") return Kind::real;
    if (type == "BLOB") return Kind::bytes;
    return std::nullopt;
}

class SqliteAdmin final : public AdminConnection {
  public:
    SqliteAdmin(const std::string& path, milliseconds busy_timeout) {
        if (path != ":memory:" && !path.starts_with("file:")) DatabasePath(path).make_private();
        sqlite3* opened = nullptr;
        const int result = sqlite3_open_v2(
            path.c_str(), &opened,
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, nullptr);
        connection_.reset(opened);
        if (result != SQLITE_OK)
            throw DatabaseError(Failure::unavailable, "cannot open " + path + ": " + sqlite3_errstr(result));
        sqlite3_extended_result_codes(opened, 1);
        sqlite3_busy_timeout(opened, static_cast<int>(busy_timeout.count()));
        switch_to_wal(busy_timeout);
        run("PRAGMA synchronous = FULL");
        run("PRAGMA foreign_keys = ON");
        run("PRAGMA trusted_schema = OFF");
    }

    EngineKind engine() const override { return EngineKind::sqlite; }

    void run(std::string_view sql) override {
        const PreparedStatement statement = prepare(sql);
        while (step(statement.get())) {
        }
    }

    std::vector<TextRow> list_rows(std::string_view sql, std::span<const std::string> parameters) override {
        const PreparedStatement statement = prepare(sql);
        for (std::size_t at = 0; at < parameters.size(); ++at) {
            const std::string name = "$" + std::to_string(at + 1);
            const int place = sqlite3_bind_parameter_index(statement.get(), name.c_str());
            ensure(place > 0, "the statement has this parameter");
            sqlite3_bind_text(statement.get(), place, parameters[at].data(),
                              static_cast<int>(parameters[at].size()), SQLITE_TRANSIENT);
        }
        std::vector<TextRow> rows;
        while (step(statement.get())) {
            TextRow& row = rows.emplace_back();
            for (int column = 0; column < sqlite3_column_count(statement.get()); ++column)
                row.push_back(cell_of(statement.get(), column));
        }
        return rows;
    }

    void roll_back() noexcept override {
        if (sqlite3_get_autocommit(connection_.get()) == 0)
            sqlite3_exec(connection_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    }

    std::vector<PreparedColumn> describe(std::string_view sql, std::span<const Kind>) override {
        const PreparedStatement statement = prepare(sql);
        std::vector<PreparedColumn> columns;
        for (int at = 0; at < sqlite3_column_count(statement.get()); ++at) {
            PreparedColumn column{.name = sqlite3_column_name(statement.get(), at),
                                  .kind = kind_of(sqlite3_column_decltype(statement.get(), at)),
                                  .is_nullable = {}};
            const char* table = sqlite3_column_table_name(statement.get(), at);
            const char* origin = sqlite3_column_origin_name(statement.get(), at);
            int is_not_null = 0;
            if (table != nullptr && origin != nullptr &&
                sqlite3_table_column_metadata(
                    connection_.get(), sqlite3_column_database_name(statement.get(), at), table, origin,
                    nullptr, nullptr, &is_not_null, nullptr, nullptr) == SQLITE_OK)
                column.is_nullable = is_not_null == 0;
            columns.push_back(std::move(column));
        }
        return columns;
    }

  private:
    struct Close {
        void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
    };

    // SQLite gives up at once when two connections do this to a new file.
    void switch_to_wal(milliseconds patience) {
        const auto until = std::chrono::steady_clock::now() + patience;
        for (;;) {
            const int result =
                sqlite3_exec(connection_.get(), "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
            if (result == SQLITE_OK) return;
            if ((result & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() > until) refuse(result);
            std::this_thread::sleep_for(milliseconds(5));
        }
    }

    PreparedStatement prepare(std::string_view sql) {
        sqlite3_stmt* made = nullptr;
        const char* rest = nullptr;
        const int result =
            sqlite3_prepare_v2(connection_.get(), sql.data(), static_cast<int>(sql.size()), &made, &rest);
        PreparedStatement statement(made);
        if (result != SQLITE_OK) refuse(result);
        ensure(made != nullptr, "there is a statement");
        const auto used = static_cast<std::size_t>(rest - sql.data());
        ensure(sql.find_first_not_of("; \t\r\n", used) == sql.npos, "one statement at a time");
        return statement;
    }

    // Whether there is a row.
    bool step(sqlite3_stmt* statement) {
        const int result = sqlite3_step(statement);
        if (result != SQLITE_ROW && result != SQLITE_DONE) refuse(result);
        return result == SQLITE_ROW;
    }

    [[noreturn]] void refuse(int result) {
        throw DatabaseError(failure_of(result), sqlite3_errmsg(connection_.get()));
    }

    std::unique_ptr<sqlite3, Close> connection_;
};

}  // namespace

std::unique_ptr<AdminConnection> open_sqlite_admin(const std::string& path, milliseconds busy_timeout) {
    return std::make_unique<SqliteAdmin>(path, busy_timeout);
}

}  // namespace lodestone::db
