// Finds the table and the comma-separated parts of a statement.
#include "db/migrate/sql_shape.hpp"

#include <algorithm>
#include <cctype>

namespace lodestone::db {

namespace {

bool is_any(const Token& token, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&token](auto word) { return token.is_word(word); });
}

// "schema.table" counts by its last part.
std::string read_table(Tokens tokens) {
    std::size_t at = 0;
    while (at < tokens.size() && is_any(tokens[at], {"IF", "NOT", "EXISTS", "ONLY", "CONCURRENTLY"})) ++at;
    while (at + 2 < tokens.size() && tokens[at + 1].is_sign('.')) at += 2;
    return at < tokens.size() ? name_of(tokens[at]) : std::string();
}

std::string table_behind(Tokens tokens, std::initializer_list<std::string_view> words) {
    for (std::size_t at = 0; at + 1 < tokens.size(); ++at)
        if (is_any(tokens[at], words)) return read_table(tokens.subspan(at + 1));
    return {};
}

// The parts between commas that stand in no parentheses of their own; ends at the one that closes.
std::vector<Tokens> split_at_commas(Tokens tokens) {
    std::vector<Tokens> parts;
    std::size_t begin = 0;
    int depth = 0;
    std::size_t at = 0;
    for (; at < tokens.size(); ++at) {
        if (tokens[at].is_sign('(')) ++depth;
        if (tokens[at].is_sign(')') && --depth < 0) break;
        if (depth != 0 || !tokens[at].is_sign(',')) continue;
        parts.push_back(tokens.subspan(begin, at - begin));
        begin = at + 1;
    }
    if (at > begin) parts.push_back(tokens.subspan(begin, at - begin));
    return parts;
}

// ON INSERT TO table: what stands behind ON is no table.
bool is_create_rule(const SqlShape& shape) {
    return shape.begins({"CREATE", "RULE"}) || shape.begins({"CREATE", "OR", "REPLACE", "RULE"});
}

void read_definitions(SqlShape& shape) {
    const Tokens tokens = shape.tokens;
    const auto open = std::ranges::find_if(tokens, [](const Token& token) { return token.is_sign('('); });
    if (open == tokens.end()) return;
    const auto inside = tokens.subspan(static_cast<std::size_t>(open - tokens.begin()) + 1);
    for (const Tokens part : split_at_commas(inside)) {
        if (part.empty()) continue;
        const bool is_constraint =
            is_any(part.front(), {"PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "CONSTRAINT", "EXCLUDE", "LIKE"});
        (is_constraint ? shape.constraints : shape.columns).push_back(part);
    }
}

// ADD [COLUMN] [IF NOT EXISTS] name type …
void read_added_column(SqlShape& shape, Tokens action) {
    std::size_t at = 1;
    while (at < action.size() && is_any(action[at], {"COLUMN", "IF", "NOT", "EXISTS"})) ++at;
    if (at >= action.size()) return;
    if (is_any(action[at], {"PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "CONSTRAINT", "EXCLUDE"})) return;
    shape.columns.push_back(action.subspan(at));
}

void read_actions(SqlShape& shape) {
    std::size_t at = 2;
    const auto& tokens = shape.tokens;
    while (at < tokens.size() && is_any(tokens[at], {"IF", "EXISTS", "ONLY"})) ++at;
    while (at + 2 < tokens.size() && tokens[at + 1].is_sign('.')) at += 2;
    if (++at >= tokens.size()) return;
    shape.actions = split_at_commas(Tokens(tokens).subspan(at));
    for (const Tokens action : shape.actions)
        if (begins_with(action, {"ADD"})) read_added_column(shape, action);
}

}  // namespace

bool begins_with(Tokens tokens, std::initializer_list<std::string_view> words) {
    return tokens.size() >= words.size() &&
           std::ranges::equal(tokens.first(words.size()), words,
                              [](const Token& token, auto word) { return token.is_word(word); });
}

bool contains(Tokens tokens, std::initializer_list<std::string_view> words) {
    for (std::size_t at = 0; at + words.size() <= tokens.size(); ++at)
        if (begins_with(tokens.subspan(at), words)) return true;
    return false;
}

std::string name_of(const Token& token) {
    std::string name(token.text);
    if (token.kind == TokenKind::name) {
        name = name.substr(1, name.size() - 2);
        const std::string twice(2, token.text.front());
        for (auto at = name.find(twice); at != name.npos; at = name.find(twice, at + 1)) name.erase(at, 1);
        return name;
    }
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return name;
}

bool SqlShape::is_create_table() const {
    return begins({"CREATE", "TABLE"}) || begins({"CREATE", "UNLOGGED", "TABLE"});
}

bool SqlShape::is_create_index() const {
    return begins({"CREATE", "INDEX"}) || begins({"CREATE", "UNIQUE", "INDEX"});
}

SqlShape shape_of(const SqlStatement& statement, EngineKind engine) {
    SqlShape shape{.engine = engine, .statement = statement};
    SqlLexer lexer(statement.text, engine);
    for (Token token = lexer.next_significant(); token.kind != TokenKind::end;
         token = lexer.next_significant())
        shape.tokens.push_back(token);
    if (shape.is_create_table()) {
        shape.table = table_behind(shape.tokens, {"TABLE"});
        read_definitions(shape);
    } else if (shape.is_create_index() || shape.has({"TRIGGER"})) {
        shape.table = table_behind(shape.tokens, {"ON"});
    } else if (shape.begins({"CREATE", "STATISTICS"})) {
        shape.table = table_behind(shape.tokens, {"FROM"});
    } else if (is_create_rule(shape)) {
        shape.table = table_behind(shape.tokens, {"TO"});
    } else if (shape.begins({"ALTER", "TABLE"})) {
        shape.table = table_behind(shape.tokens, {"TABLE"});
        read_actions(shape);
    } else {
        shape.table = table_behind(shape.tokens,
                                   {"TABLE", "INTO", "FROM", "UPDATE", "TRUNCATE", "INDEX", "VIEW", "ON"});
    }
    return shape;
}

}  // namespace lodestone::db
