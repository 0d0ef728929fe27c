// Finds where statements end, token by token. SQLite's triggers end as sqlite3_complete() has it: with
// `; END ;`. PostgreSQL's SQL functions (BEGIN ATOMIC … END) are followed as psql does it.
#include "db/migrate/splitter.hpp"

#include <algorithm>
#include <string>

#include "base/problem.hpp"
#include "db/migrate/sql_lexer.hpp"

namespace lodestone::db {

namespace {

class Splitter {
  public:
    Splitter(std::string_view text, EngineKind engine) : text_(text), engine_(engine), lexer_(text, engine) {}

    std::vector<SqlStatement> split() {
        for (Token token = lexer_.next(); token.kind != TokenKind::end; token = lexer_.next()) {
            if (token.kind == TokenKind::broken) refuse(token.offset, "what begins here is never closed");
            if (token.kind == TokenKind::comment) continue;
            if (token.is_sign(';') && is_outside())
                finish();
            else
                take(token);
        }
        if (!is_outside()) refuse(begin_, "this statement is not finished");
        finish();
        return std::move(statements_);
    }

  private:
    // A statement's beginning decides how it ends.
    enum class Body { none, routine, trigger };

    bool is_outside() const {
        if (body_ == Body::trigger) return trigger_end_ == 2;
        return parentheses_ == 0 && blocks_ == 0;
    }

    void take(const Token& token) {
        if (words_ == 0) begin(token);
        end_ = token.offset + token.text.size();
        if (body_ == Body::trigger) {
            // 0: in the body, 1: behind a semicolon, 2: behind its END
            trigger_end_ = token.is_sign(';') ? 1 : token.is_word("END") && trigger_end_ == 1 ? 2 : 0;
            return;
        }
        if (engine_ == EngineKind::postgres) follow_nesting(token);
        if (words_ < 5) {
            ++words_;
            read_head(token);
        }
    }

    void begin(const Token& token) {
        begin_ = token.offset;
        if (token.is_sign('\\')) refuse(begin_, "psql's own commands cannot be used");
        if (engine_ == EngineKind::postgres && token.is_word("COPY"))
            refuse(begin_, "COPY cannot be used; write INSERT");
    }

    void follow_nesting(const Token& token) {
        if (token.is_sign('(')) ++parentheses_;
        if (token.is_sign(')')) --parentheses_;
        if (parentheses_ < 0) refuse(token.offset, "this parenthesis was never opened");
        if (body_ != Body::routine || parentheses_ > 0) return;
        const bool opens = token.is_word("BEGIN") || (blocks_ > 0 && token.is_word("CASE"));
        if (opens) ++blocks_;
        if (token.is_word("END") && blocks_ > 0) --blocks_;
    }

    // CREATE [OR REPLACE] FUNCTION, CREATE [TEMP] TRIGGER: the words up to there, and nothing else.
    void read_head(const Token& token) {
        if (words_ == 1) is_create_ = token.is_word("CREATE");
        if (!is_create_ || words_ == 1) return;
        const bool is_sqlite = engine_ == EngineKind::sqlite;
        if (is_sqlite && token.is_word("TRIGGER")) body_ = Body::trigger;
        if (!is_sqlite && (token.is_word("FUNCTION") || token.is_word("PROCEDURE"))) body_ = Body::routine;
        constexpr std::string_view between[] = {"OR", "REPLACE", "TEMP", "TEMPORARY"};
        is_create_ = std::ranges::any_of(between, [&](auto word) { return token.is_word(word); });
    }

    void finish() {
        if (words_ > 0) {
            line_ += static_cast<std::size_t>(
                std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                           text_.begin() + static_cast<std::ptrdiff_t>(begin_), '\n'));
            counted_ = begin_;
            statements_.push_back({text_.substr(begin_, end_ - begin_), line_});
        }
        words_ = parentheses_ = blocks_ = trigger_end_ = 0;
        body_ = Body::none;
        is_create_ = false;
    }

    [[noreturn]] void refuse(std::size_t offset, std::string_view why) const {
        const auto line =
            1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
        throw Problem(problems::invalid_input, "line " + std::to_string(line) + ": " + std::string(why));
    }

    std::string_view text_;
    EngineKind engine_;
    SqlLexer lexer_;
    std::vector<SqlStatement> statements_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t line_ = 1;
    std::size_t counted_ = 0;  // up to where line_ is right
    int words_ = 0;            // tokens of this statement, as far as its head goes
    int parentheses_ = 0;
    int blocks_ = 0;
    int trigger_end_ = 0;
    Body body_ = Body::none;
    bool is_create_ = false;
};

}  // namespace

std::vector<SqlStatement> split_statements(std::string_view text, EngineKind engine) {
    return Splitter(text, engine).split();
}

}  // namespace lodestone::db
