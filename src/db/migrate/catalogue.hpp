// What is in a database's schema, read from the engine's own catalogue: so that two schemas can be compared,
// on one engine to the letter, on two engines in what both must agree about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/admin_connection.hpp"

namespace lodestone::db {

struct CatalogueColumn {
    std::string name;
    std::optional<Kind> kind;  // nothing: a type that we do not use
    std::string type;          // as the engine writes it, with collation and generation
    bool is_nullable = false;
    std::string default_text;
};

// What stands for an expression whose words are not told.
inline constexpr const char* any_expression = "an expression";

struct CatalogueIndex {
    std::string name;
    bool is_unique = false;
    bool is_constraint = false;  // its name was chosen by the engine
    bool is_valid = true;
    std::vector<std::string> columns;  // "name", "created_at desc", an expression
    std::string where;                 // flattened; empty when it is not partial
    std::string definition;            // as the engine writes all of it, flattened; empty: it knows none
};

struct CatalogueReference {
    std::vector<std::string> columns;
    std::string table;
    std::vector<std::string> targets;
    std::string on_delete;  // "no action", "cascade" …
};

struct CatalogueTable {
    std::string name;
    std::vector<CatalogueColumn> columns;
    std::vector<std::string> primary_key;
    std::vector<CatalogueIndex> indexes;
    std::vector<CatalogueReference> references;
    std::vector<std::string> rules;  // constraints, table options, policies, in the engine's words
};

// A view, trigger, function, sequence, type or virtual table.
struct CatalogueObject {
    std::string kind;
    std::string name;
    std::string definition;
};

struct Catalogue {
    std::vector<CatalogueTable> tables;  // by name
    std::vector<CatalogueObject> objects;

    const CatalogueTable* find(std::string_view table) const;
};

// Of the connection's schema: main, or the first of the search path.
Catalogue read_catalogue(AdminConnection& admin);

// one_engine: everything there is to say. any_engine: tables, columns with kind and nullability, keys,
// indexes and references; not what an engine adds.
enum class FactScope { one_engine, any_engine };
// Sorted lines, one for each fact: two catalogues with the same facts are the same.
std::vector<std::string> list_facts(const Catalogue& catalogue, FactScope scope);

struct CatalogueDifference {
    std::vector<std::string> missing;  // wanted, and not there
    std::vector<std::string> surplus;  // there, and not wanted
    bool is_empty() const { return missing.empty() && surplus.empty(); }
};
CatalogueDifference compare_facts(const std::vector<std::string>& wanted,
                                  const std::vector<std::string>& found);

// One engine each; read_catalogue() chooses.
Catalogue read_sqlite_catalogue(AdminConnection& admin);
Catalogue read_postgres_catalogue(AdminConnection& admin);

}  // namespace lodestone::db
