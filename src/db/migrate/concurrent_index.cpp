// Looks such statements over, and into the catalogue for what became of their index.
#include "db/migrate/concurrent_index.hpp"

#include "db/migrate/sql_shape.hpp"

namespace lodestone::db {

namespace {

std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (const char letter : name) text += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    return text + "\"";
}

}  // namespace

std::optional<ConcurrentIndex> find_concurrent_index(std::string_view statement) {
    SqlLexer lexer(statement, EngineKind::postgres);
    const Token verb = lexer.next_significant();
    if (!verb.is_word("CREATE") && !verb.is_word("DROP")) return std::nullopt;
    Token token = lexer.next_significant();
    if (token.is_word("UNIQUE")) token = lexer.next_significant();
    if (!token.is_word("INDEX") || !lexer.next_significant().is_word("CONCURRENTLY")) return std::nullopt;
    token = lexer.next_significant();
    while (token.is_word("IF") || token.is_word("NOT") || token.is_word("EXISTS"))
        token = lexer.next_significant();
    const bool is_named =
        token.kind == TokenKind::name || (token.kind == TokenKind::word && !token.is_word("ON"));
    if (!is_named) return std::nullopt;
    return ConcurrentIndex{name_of(token), verb.is_word("DROP")};
}

bool prepare_concurrent_index(AdminConnection& admin, std::string_view statement, bool is_resumed) {
    if (admin.engine() != EngineKind::postgres) return false;
    const auto index = find_concurrent_index(statement);
    if (!index) return false;
    const std::string parameters[] = {index->name};
    const auto rows = admin.list_rows(
        "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE c.relname = $1 AND c.relnamespace = quote_ident(current_schema())::regnamespace",
        parameters);
    if (index->is_dropped) return is_resumed && rows.empty();
    if (rows.empty()) return false;
    if (rows.front().front() == "1") return is_resumed;
    admin.run("DROP INDEX CONCURRENTLY " + quoted(index->name));
    return false;
}

}  // namespace lodestone::db
