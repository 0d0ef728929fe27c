// Catalogues as facts, and what two lists of facts do not share.
#include "db/migrate/catalogue.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace lodestone::db {

namespace {

std::string_view name_of(std::optional<Kind> kind) {
    constexpr std::string_view names[] = {"null", "boolean", "integer", "real", "text", "bytes"};
    return kind ? names[static_cast<std::size_t>(*kind)] : "something else";
}

std::string join(const std::vector<std::string>& names) {
    return fmt::format("({})", fmt::join(names, ", "));
}

std::string fact_of(const CatalogueColumn& column, FactScope scope) {
    const bool is_whole = scope == FactScope::one_engine;
    std::string fact =
        fmt::format("column {} {}{}", column.name, is_whole ? column.type : name_of(column.kind),
                    column.is_nullable ? "" : " not null");
    if (is_whole && !column.default_text.empty()) fact += " default " + column.default_text;
    return fact;
}

// SQLite tells of an expression only that it is one.
std::vector<std::string> without_expressions(std::vector<std::string> columns) {
    for (std::string& column : columns)
        if (column.find('(') != column.npos) column = any_expression;
    return columns;
}

// On one engine its own words: they tell of collations, operator classes and what else an index may have.
std::string fact_of(const CatalogueIndex& index, FactScope scope) {
    if (scope == FactScope::one_engine && !index.definition.empty())
        return index.definition + (index.is_valid ? "" : " INVALID");
    std::string fact = index.is_unique ? "unique index " : "index ";
    if (!index.is_constraint || scope == FactScope::one_engine) fact += index.name + " ";
    if (scope == FactScope::any_engine)
        fact += join(without_expressions(index.columns));
    else
        fact += join(index.columns);
    if (!index.where.empty()) fact += " where " + index.where;
    if (!index.is_valid) fact += " INVALID";
    return fact;
}

std::string fact_of(const CatalogueReference& reference) {
    return fmt::format("foreign key {} references {} {} on delete {}", join(reference.columns),
                       reference.table, join(reference.targets), reference.on_delete);
}

}  // namespace

const CatalogueTable* Catalogue::find(std::string_view table) const {
    const auto found = std::ranges::find(tables, table, &CatalogueTable::name);
    return found == tables.end() ? nullptr : &*found;
}

Catalogue read_catalogue(AdminConnection& admin) {
    return admin.engine() == EngineKind::sqlite ? read_sqlite_catalogue(admin)
                                                : read_postgres_catalogue(admin);
}

std::vector<std::string> list_facts(const Catalogue& catalogue, FactScope scope) {
    std::vector<std::string> facts;
    for (const CatalogueTable& table : catalogue.tables) {
        const auto add = [&](const std::string& fact) {
            facts.push_back("table " + table.name + ": " + fact);
        };
        add("primary key " + join(table.primary_key));
        for (const auto& column : table.columns) add(fact_of(column, scope));
        for (const auto& index : table.indexes) add(fact_of(index, scope));
        for (const auto& reference : table.references) add(fact_of(reference));
        if (scope == FactScope::one_engine)
            for (const std::string& rule : table.rules) add(rule);
    }
    if (scope == FactScope::one_engine)
        for (const CatalogueObject& object : catalogue.objects)
            facts.push_back(fmt::format("{} {}: {}", object.kind, object.name, object.definition));
    std::ranges::sort(facts);
    return facts;
}

CatalogueDifference compare_facts(const std::vector<std::string>& wanted,
                                  const std::vector<std::string>& found) {
    CatalogueDifference difference;
    std::ranges::set_difference(wanted, found, std::back_inserter(difference.missing));
    std::ranges::set_difference(found, wanted, std::back_inserter(difference.surplus));
    return difference;
}

}  // namespace lodestone::db
