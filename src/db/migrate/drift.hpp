// Whether a database is what its migrations make: they are applied once more to an empty place, and the two
// catalogues are compared.
#pragma once

#include "db/migrate/catalogue.hpp"
#include "db/migrate/migrator.hpp"

namespace lodestone::db {

// Only as far as the database has been migrated. On PostgreSQL the empty place is a schema of its own, in a
// transaction that is rolled back, which needs the right to make one; on SQLite it is memory.
CatalogueDifference find_drift(AdminConnection& admin, const MigrationSet& set);

// The schema as SQL that makes it, in an order that does not depend on its past.
std::string dump_schema(AdminConnection& admin);

}  // namespace lodestone::db
