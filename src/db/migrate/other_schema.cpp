// Looks for "schema.name" where a table, a type or a function is meant, and for what moves the search path.
#include "db/migrate/other_schema.hpp"

#include <algorithm>

namespace lodestone::db {

namespace {

bool is_name(const Token& token) {
    return token.kind == TokenKind::word || token.kind == TokenKind::name;
}

bool is_any(const Token& token, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&token](auto word) { return token.is_word(word); });
}

// What stands behind these words is an object, and no column.
bool introduces_object(Tokens tokens, std::size_t at, bool is_definition) {
    while (at > 0 && is_any(tokens[at], {"IF", "NOT", "EXISTS", "ONLY", "CONCURRENTLY"})) --at;
    const Token& word = tokens[at];
    if (word.is_word("FROM")) return at == 0 || !tokens[at - 1].is_word("DISTINCT");
    if (word.is_word("ON")) return is_definition;
    return is_any(word, {"TABLE",      "INTO",     "UPDATE",  "JOIN",       "INDEX",    "VIEW",
                         "REFERENCES", "TRUNCATE", "COPY",    "SEQUENCE",   "FUNCTION", "PROCEDURE",
                         "TYPE",       "DOMAIN",   "VACUUM",  "ANALYZE",    "LOCK",     "AGGREGATE",
                         "USING",      "LIKE",     "TRIGGER", "STATISTICS", "CLUSTER"});
}

// The name before the dot at `dot`, where "a.b" begins.
bool is_qualified_object(Tokens tokens, std::size_t dot, bool is_definition) {
    const std::size_t first = dot - 1;
    if (!is_name(tokens[first]) || !is_name(tokens[dot + 1])) return false;
    if (name_of(tokens[first]) == "pg_catalog") return false;
    const bool has_more = dot + 2 < tokens.size();
    if (has_more && tokens[dot + 2].is_sign('.')) return true;  // schema.table.column
    const bool is_call = has_more && tokens[dot + 2].is_sign('(');
    if (is_call) return true;
    return first > 0 && introduces_object(tokens, first - 1, is_definition);
}

bool moves_search_path(Tokens tokens) {
    return contains(tokens, {"SEARCH_PATH"}) || contains(tokens, {"SET", "SCHEMA"}) ||
           begins_with(tokens, {"CREATE", "SCHEMA"}) || begins_with(tokens, {"ALTER", "SCHEMA"});
}

std::vector<Token> read_tokens(std::string_view text) {
    std::vector<Token> tokens;
    SqlLexer lexer(text, EngineKind::postgres);
    for (Token token = lexer.next_significant(); token.kind != TokenKind::end;
         token = lexer.next_significant())
        tokens.push_back(token);
    return tokens;
}

// Between $tag$ and $tag$; empty for any other text.
std::string_view find_body(const Token& token) {
    if (token.kind != TokenKind::text || !token.text.starts_with('$')) return {};
    const std::size_t mark = token.text.find('$', 1) + 1;
    return token.text.substr(mark, token.text.size() - 2 * mark);
}

bool names_a_schema(Tokens tokens) {
    const bool is_definition =
        begins_with(tokens, {"CREATE"}) && !contains(tokens, {"VIEW"}) && !contains(tokens, {"SELECT"});
    for (std::size_t at = 1; at + 1 < tokens.size(); ++at)
        if (tokens[at].is_sign('.') && is_qualified_object(tokens, at, is_definition)) return true;
    return moves_search_path(tokens) || std::ranges::any_of(tokens, [](const Token& token) {
               const std::string_view body = find_body(token);
               return !body.empty() && names_a_schema(Tokens(read_tokens(body)));
           });
}

}  // namespace

bool names_a_schema(const SqlShape& shape) {
    return names_a_schema(Tokens(shape.tokens));
}

}  // namespace lodestone::db
