// Asked of the libraries themselves: they are shared, and may be newer than the headers.
#include "db/engine_versions.hpp"

#include <libpq-fe.h>
#include <sqlite3.h>

namespace lodestone::db {

std::string sqlite_version() {
    return sqlite3_libversion();
}

std::string libpq_version() {
    // Major times 10000, plus minor.
    const int version = PQlibVersion();
    return std::to_string(version / 10000) + "." + std::to_string(version % 10000);
}

}  // namespace lodestone::db
