// All migrations for one engine, in order. They come from files whose names say what they are:
//
//     NNNN_name[.sqlite|.postgres].up.sql, NNNN_name[…].down.sql    versions, each run once
//     R__name[.sqlite|.postgres].sql, R__name[…].down.sql           repeatables, run again when they change
//     W__NNNN.sqlite.sql, W__NNNN.postgres.sql                      what the versions up to NNNN make, at
//     once
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/migrate/script.hpp"

namespace lodestone::db {

struct MigrationFile {
    std::string name;
    std::string text;
};

struct Migration {
    std::int64_t version = 0;
    std::string name;
    Script up;
    std::optional<Script> down;
};

// Its way back, if it has one, is taken before any version is taken back: a view keeps its tables.
struct Repeatable {
    std::string name;
    Script up;
    std::optional<Script> down;
};

// For a database in which there is nothing yet: it is made in one go, and is then as if each version had run.
struct Whole {
    std::int64_t version = 0;
    Script script;
};

struct MigrationSet {
    EngineKind engine = EngineKind::sqlite;
    std::vector<Migration> versions;      // ascending
    std::vector<Repeatable> repeatables;  // by name
    std::optional<Whole> whole;

    const Migration* find(std::int64_t version) const;
    const Repeatable* find(const std::string& name) const;
};

// Throws Problem(invalid_input) that names the file: a name that is not like those above, two files for one
// thing, a version that the engine has no file for.
MigrationSet make_migration_set(std::span<const MigrationFile> files, EngineKind engine);

// Those that the program was built with.
std::vector<MigrationFile> embedded_migration_files();
const MigrationSet& embedded_migrations(EngineKind engine);

// Every .sql file of a folder. Throws Problem(invalid_input).
std::vector<MigrationFile> read_migration_folder(const std::string& path);

}  // namespace lodestone::db
