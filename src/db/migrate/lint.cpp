// Every rule against every statement, less what the file has a reason for.
#include "db/migrate/lint.hpp"

#include <algorithm>
#include <set>

namespace lodestone::db {

namespace {

void check_ignores(std::vector<LintFault>& faults, const Script& script, const std::set<std::string>& used,
                   bool is_down) {
    for (const LintIgnore& ignore : script.ignores) {
        const bool is_known = std::ranges::any_of(
            lint_rules(), [&ignore](const LintRule& rule) { return rule.name == ignore.rule; });
        if (!is_known)
            faults.push_back(
                {"unknown-rule", script.file, 1, "There is no rule " + ignore.rule + " to ignore."});
        else if (!is_down && !used.contains(ignore.rule))
            faults.push_back({"unused-ignore", script.file, 1,
                              "The file does not break " + ignore.rule + "; take the lint-ignore away."});
    }
}

}  // namespace

std::vector<LintFault> lint(const Script& script, bool is_down) {
    std::vector<LintFault> faults;
    std::set<std::string> own_tables;
    std::set<std::string> used;
    for (const SqlStatement& statement : script.statements()) {
        const SqlShape shape = shape_of(statement, script.engine);
        // With IF NOT EXISTS it may be an old one with other columns and many rows.
        if (shape.is_create_table() && !shape.has({"IF", "NOT", "EXISTS"})) own_tables.insert(shape.table);
        const LintSetting setting{script, is_down, own_tables.contains(shape.table)};
        for (const LintRule& rule : lint_rules()) {
            if (!rule.breaks(shape, setting)) continue;
            const bool is_ignored = std::ranges::any_of(
                script.ignores, [&rule](const LintIgnore& ignore) { return ignore.rule == rule.name; });
            if (is_ignored)
                used.insert(std::string(rule.name));
            else
                faults.push_back(
                    {std::string(rule.name), script.file, statement.line, std::string(rule.sentence)});
        }
    }
    check_ignores(faults, script, used, is_down);
    return faults;
}

std::vector<LintFault> lint(const MigrationSet& set) {
    std::vector<LintFault> faults;
    const auto add = [&faults](const Script& script, bool is_down) {
        std::ranges::move(lint(script, is_down), std::back_inserter(faults));
    };
    for (const Migration& migration : set.versions) {
        add(migration.up, false);
        if (migration.down) add(*migration.down, true);
    }
    for (const Repeatable& repeatable : set.repeatables) {
        add(repeatable.up, true);  // it drops its own last edition
        if (repeatable.down) add(*repeatable.down, true);
    }
    return faults;
}

}  // namespace lodestone::db
