// Whatever belongs to tenants, apps or users goes when they are purged: every table has a step, on whatever
// floor.
#include "app/serving/chores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "support/databases.hpp"

namespace lodestone::app {
namespace {

using identity::PurgeStep;

class ChoresTest : public test::OnEveryDatabase {
  protected:
    // Tables with a column of this name, or, on SQLite, with a foreign key to that table.
    std::vector<std::string> list_tables(const std::string& column) {
        return split(
            run_sql(GetParam() == db::EngineKind::sqlite
                        ? "SELECT group_concat(m.name) FROM sqlite_schema AS m, pragma_table_info(m.name) "
                          "AS c WHERE m.type = 'table' AND c.name = '" +
                              column + "'"
                        : "SELECT string_agg(table_name::text, ',') FROM information_schema.columns "
                          "WHERE table_schema = current_schema() AND column_name = '" +
                              column + "'"));
    }
    std::vector<std::string> list_referrers(const std::string& table) {
        return split(
            run_sql("SELECT group_concat(DISTINCT m.name) FROM sqlite_schema AS m, "
                    "pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f.\"table\" = '" +
                    table + "'"));
    }

  private:
    static std::vector<std::string> split(const std::string& joined) {
        std::vector<std::string> parts;
        std::istringstream words(joined);
        for (std::string part; std::getline(words, part, ',');) parts.push_back(part);
        return parts;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(ChoresTest);

bool has_step(std::span<const PurgeStep> below, std::span<const PurgeStep> above, const std::string& table) {
    return std::ranges::count(below, table, &PurgeStep::table) +
               std::ranges::count(above, table, &PurgeStep::table) >
           0;
}

TEST_P(ChoresTest, EveryTableOfTenantsHasAStep) {
    const auto tables = list_tables("tenant_id");
    EXPECT_GT(tables.size(), 20);
    for (const std::string& table : tables)
        if (table != "audit" && table != "outbox")
            EXPECT_TRUE(has_step(identity::tenant_purge_steps(), purged_with_tenants(), table))
                << table << " has rows of tenants: add a step for it to purge_steps.cpp of its floor";
    if (GetParam() != db::EngineKind::sqlite) return;  // both have the same schema
    for (const std::string& table : list_referrers("apps"))
        EXPECT_TRUE(has_step(identity::app_purge_steps(), purged_with_apps(), table))
            << table << " refers to apps: add a step for it";
    for (const std::string& table : list_referrers("users"))
        EXPECT_TRUE(has_step(identity::user_purge_steps(), {}, table))
            << table << " refers to users: add a step for it";
    for (const std::string& table : list_referrers("repositories"))
        EXPECT_TRUE(has_step({}, purged_with_apps(), table))
            << table << " refers to repositories: add a step for it to packages/purge.cpp";
}

}  // namespace
}  // namespace lodestone::app
