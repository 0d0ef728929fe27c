// Whether a file is what `pg_dump --format=custom` writes, of which tables, and to its end: its list of
// contents stands at the front, uncompressed; the rows behind it are pg_restore's to read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::db {

// `front`: the file's first bytes.
bool is_postgres_archive(std::string_view front);
// Those whose rows the list of contents does not name: a table without its rows is missing, too.
std::vector<std::string> list_missing_tables(std::string_view front, std::span<const std::string> tables);

// not_tried: the program is not there.
enum class ArchiveReading : std::uint8_t { whole, damaged, not_tried };

// Has `program`, found as a shell would, read all of the archive. What it complains of goes to standard
// error.
ArchiveReading read_archive(const std::string& file, const std::string& program = "pg_restore");

}  // namespace lodestone::db
