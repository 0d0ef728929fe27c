// The archive's list of contents: every string in it is a sign byte, four bytes of length, the least first,
// and the text. The entry of a table's rows has its name, and then "TABLE DATA".
// https://github.com/postgres/postgres/blob/REL_15_STABLE/src/bin/pg_dump/pg_backup_archiver.c
#include "db/postgres_archive.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
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
        if (front.find(archived(table) + archived("TABLE DATA")) == std::string_view::npos)
            missing.push_back(table);
    return missing;
}

ArchiveReading read_archive(const std::string& file, const std::string& program) {
    std::string words[] = {program, "--file=/dev/null", "--", file};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
    pid_t reader = 0;
    if (::posix_spawnp(&reader, words[0].c_str(), nullptr, nullptr, arguments, environ) != 0)
        return ArchiveReading::not_tried;
    int status = 0;
    while (::waitpid(reader, &status, 0) < 0)
        if (errno != EINTR) return ArchiveReading::not_tried;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? ArchiveReading::whole : ArchiveReading::damaged;
}

}  // namespace lodestone::db
