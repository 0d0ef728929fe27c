// What a server does about its schema before it serves.
#pragma once

#include <boost/describe/enum.hpp>

#include "db/migrate/migrator.hpp"

namespace lodestone::db {

// automatic: migrate, when nothing is in the way. check: serve only a schema that fits. off: somebody else
// knows better.
BOOST_DEFINE_ENUM_CLASS(MigrationPolicy, automatic, check, off)

// "auto", "check", "off", as the setting has it.
std::string_view policy_name(MigrationPolicy policy);

// Answers where the schema stands afterwards. Throws Problem whose sentence says what an operator has to do:
// conflict when the schema is ahead of this program or has parted from its migrations, unavailable when
// migrations are pending and this instance may not run them.
SchemaState check_schema(AdminConnection& admin, MigrationPolicy policy, const MigrateOptions& options = {});
// The same with other migrations than the program's own.
SchemaState check_schema(AdminConnection& admin, const MigrationSet& set, MigrationPolicy policy,
                         const MigrateOptions& options);

}  // namespace lodestone::db
