// One file of a migration: its statements, and what the comments at its top ask of the runner.
//
//     -- lodestone: no-transaction
//     -- lodestone: lock-timeout 2s
//     -- lodestone: statement-timeout 30min
//     -- lodestone: lint-ignore drop-column because nothing has read it since 0.3
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/migrate/splitter.hpp"

namespace lodestone::db {

struct LintIgnore {
    std::string rule;
    std::string reason;
};

struct Script {
    std::string file;  // its name, for whoever has to look at it
    std::string text;  // normalised
    std::string checksum;
    EngineKind engine = EngineKind::sqlite;
    bool is_transactional = true;
    std::optional<std::chrono::milliseconds> lock_timeout;
    std::optional<std::chrono::milliseconds> statement_timeout;
    std::vector<LintIgnore> ignores;

    // Views into `text`.
    std::vector<SqlStatement> statements() const { return split_statements(text, engine); }
};

// Throws Problem(invalid_input) that names file and line: of a directive that nobody knows, of a statement
// that the runner itself gives (BEGIN, COMMIT …), of what cannot be split.
Script parse_script(std::string file, std::string_view text, EngineKind engine);

}  // namespace lodestone::db
