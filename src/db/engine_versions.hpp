// Which releases of the databases' libraries this program runs with.
#pragma once

#include <string>

namespace lodestone::db {

std::string sqlite_version();  // "3.40.1"
std::string libpq_version();   // "15.14"

}  // namespace lodestone::db
