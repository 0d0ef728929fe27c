// SQLite's catalogue: its pragmas, and the texts that it keeps of what was created.
#include <algorithm>
#include <map>

#include "db/migrate/catalogue.hpp"
#include "db/migrate/sql_lexer.hpp"

namespace lodestone::db {

namespace {

std::string text_of(const std::optional<std::string>& cell) {
    return cell.value_or("");
}

// STRICT tables have no boolean; ours say CHECK (name IN (0, 1)).
std::optional<Kind> kind_of(const std::string& type, const std::string& name, const std::string& table_sql) {
    if (type == "TEXT") return Kind::text;
    if (type == "REAL") return Kind::real;
    if (type == "BLOB") return Kind::bytes;
    if (type != "INTEGER" && type != "INT") return std::nullopt;
    const bool is_boolean = table_sql.find("check ( " + name + " in ( 0 , 1 ) )") != std::string::npos;
    return is_boolean ? Kind::boolean : Kind::integer;
}

// What stands behind the WHERE of CREATE INDEX; nothing else in it can be that word.
std::string where_of(const std::string& index_sql) {
    SqlLexer lexer(index_sql, EngineKind::sqlite);
    for (Token token = lexer.next(); token.kind != TokenKind::end; token = lexer.next())
        if (token.is_word("WHERE"))
            return flatten_sql(std::string_view(index_sql).substr(token.offset + token.text.size()),
                               EngineKind::sqlite);
    return {};
}

std::vector<CatalogueColumn> read_columns(AdminConnection& admin, const std::string& table,
                                          const std::string& table_sql,
                                          std::vector<std::string>& primary_key) {
    const std::string parameters[] = {table};
    std::vector<CatalogueColumn> columns;
    std::map<std::string, std::string> key;
    for (const TextRow& row : admin.list_rows("SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM "
                                              "pragma_table_xinfo($1) ORDER BY cid",
                                              parameters)) {
        const std::string name = text_of(row[0]);
        std::string type = text_of(row[1]);
        const auto kind = kind_of(type, name, table_sql);
        if (row[5] != "0") type += " generated";
        columns.push_back({name, kind, type, row[2] == "0", text_of(row[3])});
        if (row[4] != "0") key[text_of(row[4])] = name;
    }
    for (const auto& [place, name] : key) primary_key.push_back(name);
    return columns;
}

std::vector<CatalogueIndex> read_indexes(AdminConnection& admin, const std::string& table) {
    const std::string parameters[] = {table};
    std::vector<CatalogueIndex> indexes;
    for (const TextRow& row :
         admin.list_rows("SELECT l.name, l.\"unique\", l.origin, s.sql FROM pragma_index_list($1) l "
                         "LEFT JOIN sqlite_schema s ON s.type = 'index' AND s.name = l.name WHERE l.origin "
                         "<> 'pk' ORDER BY 1",
                         parameters)) {
        CatalogueIndex index{.name = text_of(row[0]),
                             .is_unique = row[1] == "1",
                             .is_constraint = row[2] == "u",
                             .columns = {},
                             .where = where_of(text_of(row[3])),
                             .definition = flatten_sql(text_of(row[3]), EngineKind::sqlite)};
        const std::string name[] = {index.name};
        for (const TextRow& column : admin.list_rows(
                 "SELECT name, \"desc\" FROM pragma_index_xinfo($1) WHERE key = 1 ORDER BY seqno", name))
            index.columns.push_back(column[0].value_or(any_expression) + (column[1] == "1" ? " desc" : ""));
        indexes.push_back(std::move(index));
    }
    return indexes;
}

std::vector<CatalogueReference> read_references(AdminConnection& admin, const std::string& table) {
    const std::string parameters[] = {table};
    std::map<std::string, CatalogueReference> by_id;
    for (const TextRow& row : admin.list_rows(
             "SELECT id, \"table\", \"from\", \"to\", lower(on_delete) FROM pragma_foreign_key_list($1) "
             "ORDER BY id, seq",
             parameters)) {
        CatalogueReference& reference = by_id[text_of(row[0])];
        reference.table = text_of(row[1]);
        reference.columns.push_back(text_of(row[2]));
        reference.targets.push_back(text_of(row[3]));
        reference.on_delete = text_of(row[4]);
    }
    std::vector<CatalogueReference> references;
    for (auto& [id, reference] : by_id) references.push_back(std::move(reference));
    return references;
}

CatalogueTable read_table(AdminConnection& admin, const std::string& name, const std::string& sql) {
    const std::string flat = flatten_sql(sql, EngineKind::sqlite);
    CatalogueTable table{.name = name};
    table.columns = read_columns(admin, name, flat, table.primary_key);
    table.indexes = read_indexes(admin, name);
    table.references = read_references(admin, name);
    // Its checks, STRICT, WITHOUT ROWID: all in its text. What ALTER TABLE adds, SQLite writes into it.
    table.rules.push_back("created by " + flat);
    return table;
}

}  // namespace

Catalogue read_sqlite_catalogue(AdminConnection& admin) {
    Catalogue catalogue;
    for (const TextRow& row : admin.list_rows(
             "SELECT CASE t.type WHEN 'virtual' THEN 'virtual table' ELSE s.type END, s.name, s.sql "
             "FROM sqlite_schema s "
             "LEFT JOIN pragma_table_list t ON t.name = s.name AND t.schema = 'main' "
             "WHERE s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND coalesce(t.type, '') <> "
             "'shadow' ORDER BY 2")) {
        const std::string type = text_of(row[0]);
        if (type == "table")
            catalogue.tables.push_back(read_table(admin, text_of(row[1]), text_of(row[2])));
        else if (type != "index")
            catalogue.objects.push_back(
                {type, text_of(row[1]), flatten_sql(text_of(row[2]), EngineKind::sqlite)});
    }
    return catalogue;
}

}  // namespace lodestone::db
