// The archive's list of contents: every string in it is a sign byte, four bytes of length, the least first,
// and the text. https://github.com/postgres/postgres/blob/REL_15_STABLE/src/bin/pg_dump/pg_backup_archiver.c
#include "db/postgres_archive.hpp"

#include <cstdint>

namespace lodestone::db {

namespace {

std::string archived(const std::string& name) {
    std::string text(1, '\0');
    for (int shift = 0; shift < 32; shift += 8)
        text += static_cast<char>(static_cast<std::uint32_t>(name.size()) >> shift & 0xFFu);
    return text + name;
}

}  // namespace

bool is_postgres_archive(std::string_view front) {
    return front.starts_with("PGDMP");
}

std::vector<std::string> list_missing_tables(std::string_view front, std::span<const std::string> tables) {
    std::vector<std::string> missing;
    for (const std::string& table : tables)
        if (front.find(archived(table)) == std::string_view::npos) missing.push_back(table);
    return missing;
}

}  // namespace lodestone::db
