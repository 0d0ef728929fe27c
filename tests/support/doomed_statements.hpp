// The steps of transactions, by the names of their statements, where the engines cannot tell that somebody
// looks: SQLite traces what it runs, and to PostgreSQL everything goes through a proxy. "COMMIT of x" passes
// before anything of it happens, "committed x" after it is done and before the program hears of it; x is what
// the transaction wrote last, but for its records.
#pragma once

#include <sqlite3.h>

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/ensure.hpp"
#include "db/statement.hpp"
#include "support/doom.hpp"
#include "support/postgres_proxy.hpp"

namespace lodestone::test {

// What happens on one connection: only what is in a transaction that writes is a step.
class DoomedTransaction {
  public:
    void begin() {
        is_open_ = true;
        last_ = {};
    }
    void run(Doom& doom, const db::Statement& statement) {
        if (!is_open_) return;
        const std::string_view name = statement.name();
        doom.pass(name);
        if (statement.columns().empty() && !name.starts_with("audit") && !name.starts_with("outbox"))
            last_ = name;
    }
    void commit(Doom& doom) {
        if (is_open_ && !last_.empty()) doom.pass("COMMIT of " + std::string(last_));
    }
    void note_committed(Doom& doom) {
        if (std::exchange(is_open_, false) && !last_.empty()) doom.pass("committed " + std::string(last_));
    }
    void roll_back() { is_open_ = false; }

  private:
    bool is_open_ = false;
    std::string_view last_;
};

// All connections that this process opens from now on, until its end.
class DoomedSqlite {
  public:
    static void watch(Doom& doom) {
        one().doom_ = &doom;
        for (const db::Statement* statement : db::Statement::all())
            one().statements_.emplace(statement->sql(db::EngineKind::sqlite), statement);
        ensure(sqlite3_auto_extension(reinterpret_cast<void (*)()>(&DoomedSqlite::open)) == SQLITE_OK,
               "SQLite calls back");
    }

  private:
    static DoomedSqlite& one() {
        static DoomedSqlite it;
        return it;
    }
    static int open(sqlite3* opened, char** /*fault*/, const void* /*routines*/) {
        return sqlite3_trace_v2(opened, SQLITE_TRACE_STMT | SQLITE_TRACE_PROFILE, &DoomedSqlite::trace,
                                opened);
    }
    static int trace(unsigned kind, void* connection, void* statement, void* /*more*/) {
        one().note(kind == SQLITE_TRACE_STMT, connection, sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
        return 0;
    }
    // SQLite itself has statements, too: those of its full-text search.
    void note(bool is_before, const void* connection, const char* text) {
        const std::string_view sql = text == nullptr ? "" : text;
        DoomedTransaction& transaction = [&]() -> DoomedTransaction& {
            const std::lock_guard lock(mutex_);
            return transactions_[connection];
        }();
        if (sql == "BEGIN IMMEDIATE") return transaction.begin();
        if (sql == "ROLLBACK") return transaction.roll_back();
        if (sql == "COMMIT")
            return is_before ? transaction.commit(*doom_) : transaction.note_committed(*doom_);
        const auto found = statements_.find(sql);
        if (is_before && found != statements_.end()) transaction.run(*doom_, *found->second);
    }

    Doom* doom_ = nullptr;
    std::map<std::string_view, const db::Statement*> statements_;
    std::mutex mutex_;
    std::map<const void*, DoomedTransaction> transactions_;
};

// For PostgresProxy::watch().
class DoomedPostgres {
  public:
    explicit DoomedPostgres(Doom& doom) : doom_(doom) {}

    void look(const void* link, std::string_view bytes, PostgresProxy::Way way) {
        DoomedTransaction& transaction = transactions_[link];
        if (way == PostgresProxy::Way::back) {
            if (bytes.find(std::string_view("COMMIT\0", 7)) != bytes.npos) transaction.note_committed(doom_);
            return;
        }
        for (std::size_t at = 0; at < bytes.size(); ++at)
            if (const std::string_view name = find_bound(bytes.substr(at)); !name.empty())
                note(transaction, name);
    }

  private:
    // The prepared statement that a message of the type Bind is for: "B", its length, no portal, the name.
    static std::string_view find_bound(std::string_view bytes) {
        constexpr std::size_t name_at = 6;
        if (bytes.size() <= name_at || bytes[0] != 'B' || bytes[1] != '\0' || bytes[5] != '\0') return {};
        const std::string_view name = bytes.substr(name_at, bytes.find('\0', name_at) - name_at);
        const bool is_name = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == name.npos;
        return is_name ? name : std::string_view();
    }
    void note(DoomedTransaction& transaction, std::string_view name) {
        if (name == "begin_write") return transaction.begin();
        if (name == "commit") return transaction.commit(doom_);
        if (name == "roll_back") return transaction.roll_back();
        if (name[0] != 's' || name.find_first_not_of("0123456789", 1) != name.npos) return;
        const std::size_t index = std::stoul(std::string(name.substr(1)));
        if (index < db::Statement::all().size()) transaction.run(doom_, *db::Statement::all()[index]);
    }

    Doom& doom_;
    std::map<const void*, DoomedTransaction> transactions_;  // the proxy has one thread
};

}  // namespace lodestone::test
