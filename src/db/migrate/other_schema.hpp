// Whether a statement names a schema: then it means that one wherever it runs, also where `migrate drift`
// tries the files out beside the real tables.
#pragma once

#include "db/migrate/sql_shape.hpp"

namespace lodestone::db {

// Tables, functions and types of pg_catalog do not count. Looks into dollar-quoted bodies as well. Judges by
// the words around a name, so that a column of an alias is not taken for a table of a schema.
bool names_a_schema(const SqlShape& shape);

}  // namespace lodestone::db
