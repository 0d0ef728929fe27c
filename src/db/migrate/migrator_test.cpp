// The runner, on both engines.
#include "db/migrate/migrator.hpp"

#include <gtest/gtest.h>

#include "support/temp_folder.hpp"

namespace lodestone::db {
namespace {

TEST(Migrator, applies_everything_once) {
    const auto admin = open_sqlite_admin(":memory:");
    const auto entries = migrate_up(*admin);
    EXPECT_EQ(entries.size(), embedded_migrations(EngineKind::sqlite).versions.size());
    EXPECT_TRUE(read_schema_state(*admin, embedded_migrations(EngineKind::sqlite)).is_current());
    EXPECT_TRUE(migrate_up(*admin).empty());
}

}  // namespace
}  // namespace lodestone::db
