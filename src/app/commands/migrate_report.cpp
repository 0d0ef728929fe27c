// Renders the answers of `lodestone migrate`: tables, and JSON.
#include "app/commands/migrate_report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/time_text.hpp"

namespace lodestone::app {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::serialize;

void print(Console& console, const object& answer) {
    console.out << serialize(answer) << '\n';
}

array list_of(std::span<const std::string> texts) {
    array list;
    for (const std::string& text : texts) list.emplace_back(text);
    return list;
}

object render(const db::HistoryEntry& entry) {
    object rendered{{"migration", db::label_of(entry)},
                    {"direction", boost::describe::enum_to_string(entry.direction, "")},
                    {"checksum", entry.checksum},
                    {"chain", entry.chain},
                    {"started_at", render_rfc3339(entry.started_at)},
                    {"duration_ms", entry.duration_ms},
                    {"applied_by", entry.applied_by},
                    {"program_version", entry.program_version},
                    {"is_done", entry.is_done}};
    if (!entry.is_done) rendered["statements_done"] = entry.statement_index;
    return rendered;
}

// One line of the table of migrations.
struct StatusRow {
    std::string state;
    std::string migration;
    const db::HistoryEntry* entry = nullptr;
};

std::vector<StatusRow> list_rows(const db::MigrationSet& set, const db::SchemaState& state) {
    std::vector<StatusRow> rows;
    const auto is_among = [](const std::vector<db::HistoryEntry>& entries, const db::HistoryEntry& entry) {
        return std::ranges::find(entries, entry.number, &db::HistoryEntry::number) != entries.end();
    };
    for (const db::HistoryEntry& entry : state.applied) {
        const bool has_fault = std::ranges::any_of(
            state.faults, [&](const db::SchemaFault& fault) { return fault.version == entry.version; });
        const char* word = has_fault                      ? "diverged"
                           : is_among(state.ahead, entry) ? "ahead"
                           : entry.is_done                ? "applied"
                                                          : "interrupted";
        rows.push_back({word, db::label_of(entry), &entry});
    }
    for (const db::HistoryEntry& entry : state.repeatables) {
        const bool is_gone = std::ranges::any_of(state.faults, [&](const db::SchemaFault& fault) {
            return !fault.version && fault.name == entry.name;
        });
        if (std::ranges::find(state.due, entry.name) == state.due.end())
            rows.push_back({is_gone ? "diverged" : "applied", db::label_of(entry), &entry});
    }
    for (const std::int64_t version : state.pending) {
        const bool is_begun = state.unfinished && state.unfinished->version == version;
        rows.push_back({is_begun ? "interrupted" : "pending",
                        fmt::format("{:04}_{}", version, set.find(version)->name),
                        is_begun ? &*state.unfinished : nullptr});
    }
    for (const std::string& name : state.due) rows.push_back({"pending", "R__" + name, nullptr});
    return rows;
}

std::string columns(std::string_view first, std::string_view second, std::string_view third) {
    return fmt::format("{:<12} {:<32} {}\n", first, second, third);
}

}  // namespace

std::string_view state_name(const db::SchemaState& state) {
    if (!state.faults.empty()) return "diverged";
    if (!state.ahead.empty()) return "ahead";
    if (state.unfinished) return "interrupted";
    return state.is_current() ? "current" : "pending";
}

void report_status(const db::MigrationSet& set, const db::SchemaState& state, bool as_json,
                   Console& console) {
    const auto rows = list_rows(set, state);
    if (as_json) {
        array migrations;
        for (const StatusRow& row : rows) {
            object one = row.entry == nullptr ? object{{"migration", row.migration}} : render(*row.entry);
            one["state"] = row.state;
            migrations.push_back(std::move(one));
        }
        std::vector<std::string> faults;
        for (const db::SchemaFault& fault : state.faults) faults.push_back(fault.sentence);
        print(console, {{"state", state_name(state)},
                        {"version", state.version()},
                        {"newest_known", set.versions.empty() ? 0 : set.versions.back().version},
                        {"chain", state.chain},
                        {"migrations", std::move(migrations)},
                        {"faults", list_of(faults)}});
        return;
    }
    console.out << columns("STATE", "MIGRATION", "APPLIED");
    for (const StatusRow& row : rows)
        console.out << columns(
            row.state, row.migration,
            row.entry == nullptr ? ""
                                 : fmt::format("{} by {}, version {}", render_rfc3339(row.entry->started_at),
                                               row.entry->applied_by, row.entry->program_version));
    for (const db::SchemaFault& fault : state.faults) console.out << fault.sentence << '\n';
    console.out << "The schema is " << state_name(state) << ".\n";
}

void report_entries(std::span<const db::HistoryEntry> entries, const std::optional<std::string>& fault,
                    bool as_json, Console& console) {
    if (as_json) {
        array steps;
        for (const db::HistoryEntry& entry : entries) steps.push_back(render(entry));
        object answer{{"steps", std::move(steps)}};
        if (fault) answer["error"] = *fault;
        return print(console, answer);
    }
    for (const db::HistoryEntry& entry : entries)
        console.out << columns(boost::describe::enum_to_string(entry.direction, ""), db::label_of(entry),
                               fmt::format("{} ms", entry.duration_ms));
    if (entries.empty()) console.out << "There was nothing to do.\n";
}

void report_files(std::span<const std::string> files, bool as_json, Console& console) {
    if (as_json) return print(console, {{"files", list_of(files)}});
    for (const std::string& file : files) console.out << file << '\n';
}

void report_plan(std::span<const db::PlannedStep> plan, bool as_json, Console& console) {
    array steps;
    for (const db::PlannedStep& step : plan) {
        array statements;
        if (!as_json)
            console.out << fmt::format("-- {} ({}{})\n", step.file, step.direction,
                                       step.is_transactional ? "" : ", outside a transaction");
        for (const db::PlannedStatement& statement : step.statements) {
            statements.push_back(object{{"sql", statement.sql}, {"locks", statement.locks}});
            if (!as_json) console.out << "-- locks: " << statement.locks << '\n' << statement.sql << ";\n\n";
        }
        steps.push_back(object{{"file", step.file},
                               {"direction", step.direction},
                               {"is_transactional", step.is_transactional},
                               {"statements", std::move(statements)}});
    }
    if (as_json) return print(console, {{"steps", std::move(steps)}});
    if (plan.empty()) console.out << "There is nothing to do.\n";
}

void report_lint(std::span<const db::LintFault> faults, bool as_json, Console& console) {
    array list;
    for (const db::LintFault& fault : faults) {
        list.push_back(object{
            {"rule", fault.rule}, {"file", fault.file}, {"line", fault.line}, {"detail", fault.sentence}});
        if (!as_json)
            console.out << fmt::format("{}:{}: {}: {}\n", fault.file, fault.line, fault.rule, fault.sentence);
    }
    if (as_json) return print(console, {{"faults", std::move(list)}});
    if (faults.empty()) console.out << "The migrations break no rule.\n";
}

void report_drift(const db::CatalogueDifference& drift, bool as_json, Console& console) {
    if (as_json)
        return print(console, {{"missing", list_of(drift.missing)}, {"surplus", list_of(drift.surplus)}});
    for (const std::string& fact : drift.missing) console.out << "missing  " << fact << '\n';
    for (const std::string& fact : drift.surplus) console.out << "surplus  " << fact << '\n';
    if (drift.is_empty()) console.out << "The schema is what its migrations make.\n";
}

void report_dump(const std::string& sql, bool as_json, Console& console) {
    if (as_json) return print(console, {{"sql", sql}});
    console.out << sql;
}

void report_faults(std::span<const std::string> faults, bool as_json, Console& console) {
    if (as_json) return print(console, {{"faults", list_of(faults)}});
    for (const std::string& fault : faults) console.out << fault << '\n';
    if (faults.empty()) console.out << "The history, the schema and the program's statements fit together.\n";
}

}  // namespace lodestone::app
