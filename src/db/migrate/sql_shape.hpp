// A statement taken apart as far as lint and plan have to judge it: what it does, to which table, with which
// columns and actions. No parser of SQL: what it does not know, it leaves alone.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/migrate/splitter.hpp"
#include "db/migrate/sql_lexer.hpp"

namespace lodestone::db {

using Tokens = std::span<const Token>;

// Whether the words stand at the beginning, or anywhere beside each other.
bool begins_with(Tokens tokens, std::initializer_list<std::string_view> words);
bool contains(Tokens tokens, std::initializer_list<std::string_view> words);

struct SqlShape {
    EngineKind engine = EngineKind::sqlite;
    SqlStatement statement;
    std::vector<Token> tokens;    // without comments
    std::string table;            // that is made, changed, indexed, dropped, written to; as in the catalogue
    std::vector<Tokens> columns;  // definitions, of CREATE TABLE and of ADD COLUMN
    std::vector<Tokens> constraints;  // of CREATE TABLE
    std::vector<Tokens> actions;      // of ALTER TABLE

    bool begins(std::initializer_list<std::string_view> words) const { return begins_with(tokens, words); }
    bool has(std::initializer_list<std::string_view> words) const { return contains(tokens, words); }
    bool is_create_table() const;
    // With UNIQUE or without, CONCURRENTLY or not.
    bool is_create_index() const;
};

// Folded as the engines do; quoted names without their quotes, and with one for each two inside.
std::string name_of(const Token& token);

SqlShape shape_of(const SqlStatement& statement, EngineKind engine);

}  // namespace lodestone::db
