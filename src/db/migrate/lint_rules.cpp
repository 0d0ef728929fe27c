// The rules. What each lock does: https://www.postgresql.org/docs/current/explicit-locking.html, and what
// each change of a table costs:
// https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
#include <algorithm>

#include "db/migrate/lint.hpp"
#include "db/migrate/other_schema.hpp"

namespace lodestone::db {

namespace {

constexpr std::size_t postgres_name_bytes = 63;

bool is_postgres(const SqlShape& shape) {
    return shape.engine == EngineKind::postgres;
}

template <class Predicate>
bool any_action(const SqlShape& shape, Predicate predicate) {
    return std::ranges::any_of(shape.actions, predicate);
}

// An action on a PostgreSQL table that others use.
template <class Predicate>
bool any_live_action(const SqlShape& shape, const LintSetting& setting, Predicate predicate) {
    return is_postgres(shape) && !setting.is_own_table && any_action(shape, predicate);
}

// A column's type, in any of the spellings.
bool has_type(const SqlShape& shape, std::initializer_list<std::string_view> types) {
    return std::ranges::any_of(shape.columns, [types](Tokens column) {
        return column.size() > 1 &&
               std::ranges::any_of(types, [&](auto type) { return column[1].is_word(type); });
    });
}

bool alters_column(Tokens action, std::initializer_list<std::string_view> words) {
    return begins_with(action, {"ALTER"}) && contains(action, words);
}

bool adds_constraint(Tokens action) {
    return begins_with(action, {"ADD", "CONSTRAINT"}) || begins_with(action, {"ADD", "CHECK"}) ||
           begins_with(action, {"ADD", "FOREIGN"}) || begins_with(action, {"ADD", "UNIQUE"}) ||
           begins_with(action, {"ADD", "PRIMARY"}) || begins_with(action, {"ADD", "EXCLUDE"});
}

bool adds_column(Tokens action) {
    return begins_with(action, {"ADD"}) && !adds_constraint(action);
}

bool lacks_collation(Tokens column) {
    return column.size() > 1 && column[1].is_word("TEXT") && !contains(column, {"COLLATE"});
}

bool is_any(const Token& token, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&token](auto word) { return token.is_word(word); });
}

// A function that may answer differently for each row: any that is not known to answer the same for all of a
// statement. A type in a cast takes parentheses too, and calls nothing.
bool calls_unknown(Tokens tokens, std::size_t at) {
    const Token& token = tokens[at];
    const bool is_called = at + 1 < tokens.size() && tokens[at + 1].is_sign('(');
    if (!is_called || (token.kind != TokenKind::word && token.kind != TokenKind::name)) return false;
    const bool is_type = at > 0 && (tokens[at - 1].is_sign(':') || tokens[at - 1].is_word("AS"));
    return !is_type &&
           !is_any(token, {"NOW", "TRANSACTION_TIMESTAMP", "STATEMENT_TIMESTAMP", "CURRENT_TIMESTAMP",
                           "LOCALTIMESTAMP", "CURRENT_TIME", "LOCALTIME", "EXTRACT", "DATE_PART",
                           "DATE_TRUNC", "MAKE_INTERVAL", "CAST", "COALESCE", "NULLIF", "GREATEST", "LEAST",
                           "LOWER", "UPPER", "LENGTH", "ROUND", "FLOOR", "MD5",
                           // no calls at all
                           "DEFAULT", "IN", "AND", "OR", "NOT", "CASE", "WHEN", "THEN", "ELSE", "ROW"});
}

bool has_volatile_default(Tokens action) {
    const auto begin =
        std::ranges::find_if(action, [](const Token& token) { return token.is_word("DEFAULT"); });
    int depth = 0;
    for (auto at = static_cast<std::size_t>(begin - action.begin()); at < action.size(); ++at) {
        if (action[at].is_sign('(')) ++depth;
        if (action[at].is_sign(')')) --depth;
        if (depth == 0 &&
            is_any(action[at], {"CHECK", "REFERENCES", "CONSTRAINT", "UNIQUE", "PRIMARY", "GENERATED"}))
            return false;
        if (calls_unknown(action, at)) return true;
    }
    return false;
}

// WHERE true, WHERE 1 = 1: a condition that every row meets.
bool is_unbounded(const SqlShape& shape) {
    if (!shape.begins({"UPDATE"}) && !shape.begins({"DELETE"}) && !shape.begins({"WITH"})) return false;
    const Tokens tokens = shape.tokens;
    const auto where =
        std::ranges::find_if(tokens, [](const Token& token) { return token.is_word("WHERE"); });
    if (where == tokens.end()) return !shape.begins({"WITH"});
    const auto rest = tokens.subspan(static_cast<std::size_t>(where - tokens.begin()) + 1);
    const auto is_end = [&rest](std::size_t at) { return at >= rest.size() || rest[at].is_sign(';'); };
    if (!rest.empty() && rest[0].is_word("TRUE") && is_end(1)) return true;
    return rest.size() >= 3 && rest[0].kind == TokenKind::number && rest[1].is_sign('=') &&
           rest[2].text == rest[0].text && is_end(3);
}

// Of the server or the cluster, not of the schema.
bool is_server_wide(const SqlShape& shape) {
    for (const char* verb : {"CREATE", "ALTER", "DROP"})
        for (const char* what : {"ROLE", "USER", "GROUP", "TABLESPACE", "EXTENSION", "SYSTEM", "PUBLICATION",
                                 "SUBSCRIPTION", "SERVER"})
            if (shape.begins({verb, what})) return true;
    return shape.begins({"CREATE", "DATABASE"}) || shape.begins({"ALTER", "DATABASE"});
}

bool validates_what_it_added(const SqlShape& shape, const LintSetting& setting) {
    if (!setting.script.is_transactional || !shape.has({"VALIDATE", "CONSTRAINT"})) return false;
    return std::ranges::any_of(setting.script.statements(), [&](const SqlStatement& statement) {
        const SqlShape other = shape_of(statement, shape.engine);
        return other.table == shape.table && other.has({"NOT", "VALID"});
    });
}

using Setting = LintSetting;
using Shape = SqlShape;

constexpr LintRule make_rule(std::string_view name, std::string_view sentence,
                             bool (*breaks)(const Shape&, const Setting&)) {
    return {name, sentence, breaks};
}

constexpr LintRule rules[] = {
    make_rule(
        "non-concurrent-index",
        "Building an index blocks all writes to the table; use CREATE INDEX CONCURRENTLY in a no-transaction "
        "file.",
        [](const Shape& s, const Setting& in) {
            return is_postgres(s) && s.is_create_index() && !in.is_own_table && !s.has({"CONCURRENTLY"});
        }),
    make_rule("non-concurrent-drop-index",
              "Dropping an index blocks all use of the table; use DROP INDEX CONCURRENTLY in a "
              "no-transaction file.",
              [](const Shape& s, const Setting& in) {
                  return is_postgres(s) && !in.is_down && s.begins({"DROP", "INDEX"}) &&
                         !s.has({"CONCURRENTLY"});
              }),
    make_rule("non-concurrent-reindex",
              "REINDEX blocks writes to the table; use REINDEX … CONCURRENTLY in a no-transaction file.",
              [](const Shape& s, const Setting&) {
                  return is_postgres(s) && s.begins({"REINDEX"}) && !s.has({"CONCURRENTLY"});
              }),
    make_rule("concurrent-in-transaction",
              "CONCURRENTLY does not work inside a transaction; mark the file no-transaction.",
              [](const Shape& s, const Setting& in) {
                  return is_postgres(s) && in.script.is_transactional && s.has({"CONCURRENTLY"});
              }),
    make_rule(
        "vacuum-in-transaction", "VACUUM does not work inside a transaction; mark the file no-transaction.",
        [](const Shape& s, const Setting& in) { return in.script.is_transactional && s.begins({"VACUUM"}); }),
    make_rule("required-column",
              "A new NOT NULL column without a default fails where there are rows; give it a default.",
              [](const Shape& s, const Setting& in) {
                  return !in.is_own_table && any_action(s, [](Tokens a) {
                      return adds_column(a) && contains(a, {"NOT", "NULL"}) && !contains(a, {"DEFAULT"});
                  });
              }),
    make_rule(
        "volatile-default",
        "A default that may differ by row rewrites the table under a lock, and so may any function that lint "
        "does not know as stable; add the column, then fill it by a job.",
        [](const Shape& s, const Setting& in) {
            return any_live_action(s, in, [](Tokens a) { return adds_column(a) && has_volatile_default(a); });
        }),
    make_rule("generated-column",
              "A stored generated or identity column rewrites the table under a lock; fill a plain column by "
              "a job.",
              [](const Shape& s, const Setting& in) {
                  return any_live_action(
                      s, in, [](Tokens a) { return adds_column(a) && contains(a, {"GENERATED"}); });
              }),
    make_rule("set-not-null",
              "SET NOT NULL reads the whole table under a lock; add CHECK (… IS NOT NULL) NOT VALID and "
              "validate it "
              "first.",
              [](const Shape& s, const Setting& in) {
                  return any_live_action(s, in,
                                         [](Tokens a) { return alters_column(a, {"SET", "NOT", "NULL"}); });
              }),
    make_rule("drop-not-null", "Programs that expect a value will read null; give a reason.",
              [](const Shape& s, const Setting& in) {
                  return !in.is_down &&
                         any_action(s, [](Tokens a) { return alters_column(a, {"DROP", "NOT", "NULL"}); });
              }),
    make_rule(
        "type-change",
        "A change of type rewrites the table under a lock and breaks running programs; add a column instead.",
        [](const Shape& s, const Setting& in) {
            return any_live_action(s, in, [](Tokens a) { return alters_column(a, {"TYPE"}); });
        }),
    make_rule(
        "rename",
        "Programs that run still use the old name; add the new one beside it and drop the old one a release "
        "later.",
        [](const Shape& s, const Setting& in) {
            return !in.is_own_table && any_action(s, [](Tokens a) { return begins_with(a, {"RENAME"}); });
        }),
    make_rule(
        "foreign-key-in-place",
        "A new foreign key reads both tables under a lock; add it NOT VALID and validate it in a later file.",
        [](const Shape& s, const Setting& in) {
            return any_live_action(s, in, [](Tokens a) {
                return begins_with(a, {"ADD"}) && contains(a, {"REFERENCES"}) &&
                       !contains(a, {"NOT", "VALID"});
            });
        }),
    make_rule(
        "check-in-place",
        "A new CHECK reads the whole table under a lock; add it NOT VALID and validate it in a later file.",
        [](const Shape& s, const Setting& in) {
            return any_live_action(s, in, [](Tokens a) {
                return begins_with(a, {"ADD"}) && contains(a, {"CHECK"}) && !contains(a, {"NOT", "VALID"});
            });
        }),
    make_rule(
        "unique-in-place",
        "The constraint's index is built under a lock; build it CONCURRENTLY, then ADD CONSTRAINT … USING "
        "INDEX.",
        [](const Shape& s, const Setting& in) {
            return any_live_action(s, in, [](Tokens a) {
                const bool is_key =
                    contains(a, {"UNIQUE"}) || contains(a, {"PRIMARY", "KEY"}) || contains(a, {"EXCLUDE"});
                return begins_with(a, {"ADD"}) && is_key && !contains(a, {"USING", "INDEX"});
            });
        }),
    make_rule(
        "validate-at-once",
        "Validating in the transaction that added the constraint keeps its lock; use a file of its own.",
        validates_what_it_added),
    make_rule("serial", "Ids are made by the program, as text; a sequence ties rows to one server.",
              [](const Shape& s, const Setting&) {
                  return is_postgres(s) &&
                         has_type(s, {"SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL4", "SERIAL8"});
              }),
    make_rule("narrow-integer", "32 bits run out one day, and our codecs read 64; use bigint.",
              [](const Shape& s, const Setting&) {
                  return is_postgres(s) && has_type(s, {"INT", "INTEGER", "INT4", "SMALLINT", "INT2"});
              }),
    make_rule("limited-text",
              "A length in the type is a migration later; use text, and limits::… in the program.",
              [](const Shape& s, const Setting&) {
                  return is_postgres(s) && has_type(s, {"VARCHAR", "CHAR", "CHARACTER", "BPCHAR"});
              }),
    make_rule("time-type", "Times are bigint, microseconds UTC, in both engines.",
              [](const Shape& s, const Setting&) {
                  return is_postgres(s) &&
                         has_type(s, {"TIMESTAMP", "TIMESTAMPTZ", "DATE", "TIME", "TIMETZ"});
              }),
    make_rule(
        "text-collation",
        "Without COLLATE \"C\" the order of text depends on the server's locale, and differs from SQLite's.",
        [](const Shape& s, const Setting&) {
            return is_postgres(s) && std::ranges::any_of(s.columns, lacks_collation);
        }),
    make_rule("not-strict", "Without STRICT, SQLite stores anything in any column.",
              [](const Shape& s, const Setting&) {
                  return !is_postgres(s) && s.is_create_table() && !s.has({"STRICT"});
              }),
    make_rule("drop-table", "The rows are gone, and programs that run still ask for them; give a reason.",
              [](const Shape& s, const Setting& in) {
                  return !in.is_down && s.begins({"DROP", "TABLE"}) && !in.is_own_table;
              }),
    make_rule("drop-column", "The values are gone, and programs that run still ask for them; give a reason.",
              [](const Shape& s, const Setting& in) {
                  return !in.is_down && any_action(s, [](Tokens a) {
                      return begins_with(a, {"DROP"}) && !contains(a, {"CONSTRAINT"});
                  });
              }),
    make_rule("drop-everything", "DROP DATABASE, SCHEMA and OWNED have no place in a migration.",
              [](const Shape& s, const Setting&) {
                  return s.begins({"DROP", "DATABASE"}) || s.begins({"DROP", "SCHEMA"}) ||
                         s.begins({"DROP", "OWNED"});
              }),
    make_rule("drop-cascade", "CASCADE drops what nobody reads here; name it.",
              [](const Shape& s, const Setting&) {
                  return (s.begins({"DROP"}) && s.has({"CASCADE"})) || any_action(s, [](Tokens a) {
                             return begins_with(a, {"DROP"}) && contains(a, {"CASCADE"});
                         });
              }),
    make_rule("truncate", "TRUNCATE empties a table without a trace, with CASCADE several; give a reason.",
              [](const Shape& s, const Setting&) { return s.begins({"TRUNCATE"}); }),
    make_rule("unbounded-write",
              "Every row at once, under locks; what fills columns is a job that can be resumed.",
              [](const Shape& s, const Setting& in) { return !in.is_own_table && is_unbounded(s); }),
    make_rule("whole-table-lock", "VACUUM FULL, CLUSTER and LOCK TABLE shut everybody out of the table.",
              [](const Shape& s, const Setting&) {
                  return is_postgres(s) && ((s.begins({"VACUUM"}) && s.has({"FULL"})) ||
                                            s.begins({"CLUSTER"}) || s.begins({"LOCK"}));
              }),
    make_rule("long-name", "PostgreSQL cuts names after 63 bytes without a word.",
              [](const Shape& s, const Setting&) {
                  return std::ranges::any_of(s.tokens, [](const Token& token) {
                      const bool is_name = token.kind == TokenKind::word || token.kind == TokenKind::name;
                      return is_name && name_of(token).size() > postgres_name_bytes;
                  });
              }),
    make_rule("cascade-from-tenant",
              "Deleting a tenant is a job that can be resumed, not one statement's side effect.",
              [](const Shape& s, const Setting&) {
                  return s.has({"REFERENCES", "TENANTS"}) && s.has({"ON", "DELETE", "CASCADE"});
              }),
    make_rule("session-setting",
              "SET outlives the file; use the directives lock-timeout and statement-timeout.",
              [](const Shape& s, const Setting&) {
                  return is_postgres(s) && ((s.begins({"SET"}) && !s.begins({"SET", "LOCAL"})) ||
                                            s.begins({"RESET"}) || s.begins({"DISCARD"}));
              }),
    make_rule(
        "named-schema",
        "The connection's search path says which schema is meant; with a name of its own, the statement "
        "reaches past the scratch schema of `migrate drift`.",
        [](const Shape& s, const Setting&) { return is_postgres(s) && names_a_schema(s); }),
    make_rule("do-block",
              "What a DO block does, neither lint nor plan can see; write the statements, or give a reason.",
              [](const Shape& s, const Setting&) { return is_postgres(s) && s.begins({"DO"}); }),
    make_rule("if-not-exists",
              "In a transaction there is nothing half done to step over, and what is there already may be "
              "something else; leave IF NOT EXISTS away.",
              [](const Shape& s, const Setting& in) {
                  return in.script.is_transactional && s.is_create_table() && s.has({"IF", "NOT", "EXISTS"});
              }),
    make_rule("rewrite-in-place",
              "LOGGED, UNLOGGED, TABLESPACE and ACCESS METHOD rewrite the whole table under a lock.",
              [](const Shape& s, const Setting& in) {
                  return any_live_action(s, in, [](Tokens a) {
                      return begins_with(a, {"SET", "LOGGED"}) || begins_with(a, {"SET", "UNLOGGED"}) ||
                             begins_with(a, {"SET", "TABLESPACE"}) || begins_with(a, {"SET", "ACCESS"});
                  });
              }),
    make_rule(
        "unlogged-table", "An UNLOGGED table is empty after a crash, and on every replica.",
        [](const Shape& s, const Setting&) { return is_postgres(s) && s.begins({"CREATE", "UNLOGGED"}); }),
    make_rule(
        "partition-in-place",
        "ATTACH reads the partition under a lock unless a CHECK proves what is in it, and DETACH without "
        "CONCURRENTLY locks the whole table; give a reason.",
        [](const Shape& s, const Setting& in) {
            return any_live_action(s, in, [](Tokens a) {
                return begins_with(a, {"ATTACH"}) ||
                       (begins_with(a, {"DETACH"}) && !contains(a, {"CONCURRENTLY"}));
            });
        }),
    make_rule("refresh-in-place", "REFRESH shuts readers out; use REFRESH MATERIALIZED VIEW CONCURRENTLY.",
              [](const Shape& s, const Setting&) {
                  return is_postgres(s) && s.begins({"REFRESH"}) && !s.has({"CONCURRENTLY"});
              }),
    make_rule("trigger-off", "A trigger that is off lets through what it was made to stop; give a reason.",
              [](const Shape& s, const Setting&) {
                  return s.begins({"ALTER", "TABLE"}) &&
                         (s.has({"DISABLE", "TRIGGER"}) || s.has({"DISABLE", "RULE"}));
              }),
    make_rule(
        "constrained-domain",
        "A domain's constraint is checked in every table that uses it, under locks; put the CHECK on the "
        "column.",
        [](const Shape& s, const Setting&) {
            return is_postgres(s) && ((s.begins({"CREATE", "DOMAIN"}) && s.has({"CHECK"})) ||
                                      (s.begins({"ALTER", "DOMAIN"}) && s.has({"ADD"})));
        }),
    make_rule("enum-type",
              "A value of an enum is never taken away again, and SQLite has none; use text with a CHECK.",
              [](const Shape& s, const Setting&) {
                  return is_postgres(s) && ((s.begins({"CREATE", "TYPE"}) && s.has({"AS", "ENUM"})) ||
                                            (s.begins({"ALTER", "TYPE"}) && s.has({"VALUE"})));
              }),
    make_rule(
        "server-wide",
        "Roles, extensions and the like belong to the server and want other rights than a migration has.",
        [](const Shape& s, const Setting&) { return is_postgres(s) && is_server_wide(s); }),
    make_rule("pragma",
              "A PRAGMA is the connection's, and most do nothing inside a transaction, without a word.",
              [](const Shape& s, const Setting&) { return !is_postgres(s) && s.begins({"PRAGMA"}); }),
};

}  // namespace

std::span<const LintRule> lint_rules() {
    return rules;
}

}  // namespace lodestone::db
