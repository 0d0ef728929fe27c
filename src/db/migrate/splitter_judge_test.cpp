// The splitter before judges who do not know it: random scripts whose statements are known as they are made
// go to the engine itself, whole and piece by piece, and it has to find as many. PostgreSQL's judge is the
// server, which completes each statement of a script by itself; SQLite's is sqlite3_prepare(), which says
// where one ends.
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "db/migrate/splitter.hpp"
#include "support/postgres.hpp"

namespace lodestone::db {
namespace {

constexpr std::uint64_t scripts = 100;

struct KnownScript {
    std::string text;
    std::vector<std::string> statements;  // as they have to be found
};

class ScriptMaker {
  public:
    ScriptMaker(EngineKind engine, std::uint64_t seed) : engine_(engine), random_(seed) {}

    KnownScript make() {
        if (!is_postgres()) add({"CREATE", "TEMP", "TABLE", "base", "(a TEXT)"});
        for (std::size_t left = 1 + pick(8); left > 0; --left) {
            if (is_postgres())
                add_postgres_statement();
            else
                add_sqlite_statement();
        }
        if (pick(3) == 0) script_.text.pop_back();  // the last one needs no semicolon
        if (pick(2) == 0) script_.text += gap();
        return std::move(script_);
    }

  private:
    using Tokens = std::vector<std::string>;

    bool is_postgres() const { return engine_ == EngineKind::postgres; }
    std::size_t pick(std::size_t count) { return random_.next_u64() % count; }
    std::string one_of(std::initializer_list<const char*> texts) { return texts.begin()[pick(texts.size())]; }
    std::string next_name(const std::string& prefix) { return prefix + std::to_string(++names_); }

    // What may stand between two words.
    std::string gap() {
        if (pick(4) != 0) return one_of({" ", "\n", "\t", "  "});
        if (is_postgres() && pick(2) == 0)
            return one_of({" /* ; /* ' $$ */ \" ; */ ", " /*/* ; */*/ ", "/* /* -- */ */"});
        return one_of({" -- ; ' \" $$ /* \n", " /* ; ' \" $a$ -- */ ", "/**/", " /* END; */ ", " --\n"});
    }

    void add(const Tokens& tokens) {
        std::string statement;
        for (const std::string& token : tokens) statement += (statement.empty() ? "" : gap()) + token;
        script_.statements.push_back(statement);
        while (pick(4) == 0) script_.text += gap() + ";";  // empty ones are none
        script_.text += gap() + statement + (pick(3) == 0 ? gap() : "") + ";";
    }

    // Anything that may stand between quotes, these doubled.
    std::string quoted(const std::string& quote) {
        std::string text = quote;
        for (std::size_t left = 1 + pick(5); left > 0; --left) {
            const std::string part = one_of({";", "'", "\"", "--", "/*", "*/", "$$", "$a$", "(", ")", "END;",
                                             "BEGIN ATOMIC", "\n", "[", "`", "\xc3\xbc", "x", " "});
            for (const char c : part) text += std::string(quote[0] == c ? 2 : 1, c);
        }
        return text + quote;
    }
    std::string escaped() {
        std::string text = one_of({"E'", "e'"});
        for (std::size_t left = pick(5); left > 0; --left)
            text += one_of({"\\'", "\\\\", "''", ";", "\\n", "$$", "--", "\"", "x"});
        return text + "'";
    }
    std::string in_dollars(const std::string& inside) {
        const std::string mark = one_of({"$_$", "$tag_1$", "$\xc3\xbc$"});
        return mark + inside + mark;
    }
    std::string dollar_quoted() {
        if (pick(3) == 0) return "$$" + one_of({"", ";", "';", "\";--", "/*;"}) + "$$";
        std::string inside;
        for (std::size_t left = pick(5); left > 0; --left)
            inside += one_of({";", "'", "\"", "--", "/*", "$$", "$a$", "$", "END;", "\\", "\n"}) + " ";
        return in_dollars(inside);
    }

    // A value that is text.
    std::string text() {
        if (!is_postgres()) return quoted("'");
        switch (pick(6)) {
            case 0: return escaped();
            case 1: return dollar_quoted();
            case 2: return one_of({R"(U&'\0041;')", R"(u&'d\0061t\+000061;')", "n';'"});
            case 3: return quoted("'") + one_of({"::text", " :: text", "::varchar::text"});
            default: return quoted("'");
        }
    }
    void add_value(Tokens& to) {
        const auto append = [&to](const Tokens& tokens) {
            to.insert(to.end(), tokens.begin(), tokens.end());
        };
        switch (pick(is_postgres() ? 8 : 7)) {
            case 0:
                return append({one_of({"CASE", "case"}), "WHEN", "1=1", "THEN", text(), "ELSE", text(),
                               one_of({"END", "end"})});
            case 1: return append({"(", "SELECT", text(), ")"});
            case 2: return append({"CAST", "(", text(), "AS", is_postgres() ? "text" : "TEXT", ")"});
            case 3: return append({"5", "-", one_of({"-3", "- 3", "3"})});
            case 4:
                return append(
                    {is_postgres() ? one_of({"x'3b'", "B'01'", "1.5e3"}) : one_of({"x'3b'", "1.5e3"})});
            case 5: return append({"(", text(), ")"});
            case 6: return append({text()});
            default: return append({"(", "ARRAY", "[", text(), ",", text(), "]", ")", "[", "1", "]"});
        }
    }
    void add_select(Tokens& to) {
        to.push_back(one_of({"SELECT", "select"}));
        for (std::size_t left = pick(3);; --left) {
            add_value(to);
            if (pick(3) == 0) {
                to.emplace_back("AS");
                if (is_postgres())
                    to.push_back(pick(2) == 0 ? quoted("\"") : one_of({"a$b$c", "_$1", "\xc3\xbc"}));
                else
                    to.push_back(pick(2) == 0 ? quoted("\"") : one_of({"[;']", "`;``\"`", "a$b"}));
            }
            if (left == 0) return;
            to.emplace_back(",");
        }
    }

    void add_plain_statement() {
        Tokens tokens;
        switch (pick(3)) {
            case 0:
                tokens = {"VALUES", "(", text(), ",", text(), ")", ",", "(", text(), ",", text(), ")"};
                break;
            case 1:
                tokens = {one_of({"WITH", "with"}), "w", "AS", "("};
                add_select(tokens);
                tokens.insert(tokens.end(), {")", "SELECT", "count(*)", "FROM", "w"});
                break;
            default: add_select(tokens);
        }
        add(tokens);
    }

    void add_postgres_statement() {
        switch (pick(8)) {
            case 0: return add_atomic_routine();
            case 1: return add_quoted_routine();
            case 2:
                return add(
                    {"DO",
                     in_dollars(" BEGIN PERFORM 1; /* ; */ PERFORM ';'; IF true THEN NULL; END IF; END; ")});
            case 3: {
                const std::string table = next_name("t_");
                add({"CREATE", "TEMP", "TABLE", table, "(a text DEFAULT ';')"});
                return add({"CREATE", "RULE", next_name("r_"), "AS", "ON", "INSERT", "TO", table, "DO",
                            "ALSO", "(", "SELECT", text(), ";", "SELECT", "1", ";", ")"});
            }
            default: add_plain_statement();
        }
    }
    // Its body is SQL itself, semicolons, CASE and all.
    void add_atomic_routine() {
        const bool is_function = pick(2) == 0;
        Tokens tokens{one_of({"CREATE", "create"})};
        if (pick(2) == 0) tokens.insert(tokens.end(), {"OR", "REPLACE"});
        tokens.push_back(is_function ? one_of({"FUNCTION", "function"}) : one_of({"PROCEDURE", "Procedure"}));
        tokens.insert(tokens.end(), {"pg_temp." + next_name("f_"), "(", ")"});
        if (is_function) tokens.insert(tokens.end(), {"RETURNS", "text"});
        tokens.insert(tokens.end(), {"LANGUAGE", "sql", one_of({"BEGIN", "begin"}), "ATOMIC"});
        for (std::size_t left = pick(3); left > 0; --left) {
            add_select(tokens);
            tokens.emplace_back(";");
        }
        tokens.insert(tokens.end(), {"SELECT", "CASE", "WHEN", "1=1", "THEN", "CASE", "WHEN", "1=2", "THEN",
                                     "'x'", "END", "ELSE", text(), "END", ";", one_of({"END", "end"})});
        add(tokens);
    }
    void add_quoted_routine() {
        Tokens tokens{"CREATE",  "FUNCTION", "pg_temp." + next_name("f_"), "(", "a", "text", ")",
                      "RETURNS", "text"};
        if (pick(2) == 0)
            tokens.insert(tokens.end(),
                          {"LANGUAGE", "plpgsql", "AS",
                           in_dollars(" BEGIN a := ';'; RETURN CASE WHEN true THEN a END; END ")});
        else
            tokens.insert(tokens.end(), {"LANGUAGE", "sql", "AS", "'SELECT 1; SELECT ''END;''::text;'"});
        add(tokens);
    }

    void add_sqlite_statement() {
        switch (pick(6)) {
            case 0: return add_trigger();
            case 1: return add({"SELECT", one_of({"$$", "$a$", ":a", "?1", "@a"}), ",", text()});
            case 2:
                return add(
                    {"CREATE", "TEMP", "TABLE", next_name("t_"), "(", "[;]", "TEXT", "DEFAULT", text(), ")"});
            default: add_plain_statement();
        }
    }
    void add_trigger() {
        Tokens tokens{one_of({"CREATE", "create"}),
                      one_of({"TEMP", "TEMPORARY"}),
                      one_of({"TRIGGER", "trigger"}),
                      next_name("tr_"),
                      "AFTER",
                      one_of({"INSERT", "DELETE"}),
                      "ON",
                      "base"};
        if (pick(2) == 0)
            tokens.insert(tokens.end(), {"WHEN", "CASE", "WHEN", "1", "THEN", text(), "END", "=", text()});
        tokens.push_back(one_of({"BEGIN", "begin"}));
        for (std::size_t left = 1 + pick(3); left > 0; --left) {
            if (pick(2) == 0) {
                add_select(tokens);
            } else {
                tokens.insert(tokens.end(), {"UPDATE", "base", "SET", "a", "="});
                add_value(tokens);
            }
            tokens.emplace_back(";");
        }
        tokens.push_back(one_of({"END", "end"}));
        add(tokens);
    }

    const EngineKind engine_;
    SeededRandom random_;
    KnownScript script_;
    int names_ = 0;
};

std::vector<std::string> texts_of(const std::vector<SqlStatement>& statements) {
    std::vector<std::string> texts;
    for (const SqlStatement& statement : statements) texts.emplace_back(statement.text);
    return texts;
}

// How many statements the server completes of a text that is sent as it is.
class PostgresJudge {
  public:
    explicit PostgresJudge(const std::string& url) : connection_(PQconnectdb(url.c_str()), PQfinish) {
        PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    }
    std::size_t count(const std::string& text) {
        EXPECT_EQ(PQsendQuery(connection_.get(), text.c_str()), 1);
        std::size_t completed = 0;
        using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;
        for (Result result(PQgetResult(connection_.get()), PQclear); result;
             result.reset(PQgetResult(connection_.get()))) {
            const auto status = PQresultStatus(result.get());
            EXPECT_TRUE(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
                << PQresultErrorMessage(result.get()) << text;
            ++completed;
        }
        return completed;
    }

  private:
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

class SplitterJudge : public test::PostgresTest {};

TEST_F(SplitterJudge, PostgresCompletesAsManyStatements) {
    const test::PostgresDatabase database;
    PostgresJudge whole(database.url()), by_pieces(database.url());
    for (std::uint64_t seed = 1; seed <= scripts; ++seed) {
        const KnownScript known = ScriptMaker(EngineKind::postgres, seed).make();
        SCOPED_TRACE(testing::Message() << "script " << seed << ":\n" << known.text);
        const auto found = split_statements(known.text, EngineKind::postgres);
        EXPECT_EQ(texts_of(found), known.statements);
        EXPECT_EQ(whole.count(known.text), found.size());
        for (const SqlStatement& statement : found)
            EXPECT_EQ(by_pieces.count(std::string(statement.text)), 1u) << statement.text;
        if (HasFailure()) return;  // one is enough to look at
        for (PostgresJudge* judge : {&whole, &by_pieces}) judge->count("DISCARD TEMP");
    }
}

// Where SQLite says that a statement ends, one of ours has ended, and no other has begun.
void judge_with_sqlite(sqlite3* connection, const std::string& text, const std::vector<SqlStatement>& found) {
    std::size_t completed = 0;
    const char* at = text.c_str();
    while (*at != '\0') {
        sqlite3_stmt* prepared = nullptr;
        const char* tail = nullptr;
        ASSERT_EQ(sqlite3_prepare_v2(connection, at, -1, &prepared, &tail), SQLITE_OK)
            << sqlite3_errmsg(connection) << " at " << at;
        const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared, sqlite3_finalize);
        if (prepared != nullptr) {
            ASSERT_LT(completed, found.size()) << "SQLite finds more: " << at;
            const std::string_view ours = found[completed++].text;
            EXPECT_TRUE(ours.data() >= at && ours.data() + ours.size() <= tail) << ours;
            while (sqlite3_step(prepared) == SQLITE_ROW) {
            }
        }
        at = tail;
    }
    EXPECT_EQ(completed, found.size());
}

TEST(SqliteSplitterJudge, PreparesAsManyStatements) {
    for (std::uint64_t seed = 1; seed <= scripts; ++seed) {
        const KnownScript known = ScriptMaker(EngineKind::sqlite, seed).make();
        SCOPED_TRACE(testing::Message() << "script " << seed << ":\n" << known.text);
        const auto found = split_statements(known.text, EngineKind::sqlite);
        EXPECT_EQ(texts_of(found), known.statements);
        sqlite3* opened = nullptr;
        ASSERT_EQ(sqlite3_open(":memory:", &opened), SQLITE_OK);
        const std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection(opened, sqlite3_close);
        judge_with_sqlite(opened, known.text, found);
        for (const SqlStatement& statement : found)
            EXPECT_EQ(sqlite3_complete((std::string(statement.text) + "\n;").c_str()), 1) << statement.text;
        if (testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace lodestone::db
