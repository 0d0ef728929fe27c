// Whether a file is what `pg_dump --format=custom` writes, and of which tables: its list of contents stands
// at the front, uncompressed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::db {

// `front`: the file's first bytes.
bool is_postgres_archive(std::string_view front);
// Those whose names the list of contents does not hold.
std::vector<std::string> list_missing_tables(std::string_view front, std::span<const std::string> tables);

}  // namespace lodestone::db
