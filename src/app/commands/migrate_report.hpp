// What `lodestone migrate` answers, as tables for people and as JSON for scripts.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/commands/command_line.hpp"
#include "db/migrate/drift.hpp"
#include "db/migrate/lint.hpp"
#include "db/migrate/plan.hpp"

namespace lodestone::app {

// "current", "pending", "interrupted", "ahead" or "diverged": the worst of what is the case.
std::string_view state_name(const db::SchemaState& state);

void report_status(const db::MigrationSet& set, const db::SchemaState& state, bool as_json, Console& console);
// `fault`: why there are no more of them; for people it is a complaint, and told elsewhere.
void report_entries(std::span<const db::HistoryEntry> entries, const std::optional<std::string>& fault,
                    bool as_json, Console& console);
void report_files(std::span<const std::string> files, bool as_json, Console& console);
void report_plan(std::span<const db::PlannedStep> plan, bool as_json, Console& console);
void report_lint(std::span<const db::LintFault> faults, bool as_json, Console& console);
void report_drift(const db::CatalogueDifference& drift, bool as_json, Console& console);
void report_dump(const std::string& sql, bool as_json, Console& console);
// Sentences, each with what it is about.
void report_faults(std::span<const std::string> faults, bool as_json, Console& console);

}  // namespace lodestone::app
