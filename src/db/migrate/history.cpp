// The SQL of schema_history.
#include "db/migrate/history.hpp"

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <charconv>

#include "base/ensure.hpp"
#include "db/migrate/checksum.hpp"

namespace lodestone::db {

namespace {

constexpr const char* sqlite_table = R"(CREATE TABLE IF NOT EXISTS schema_history (
    number INTEGER NOT NULL,
    version INTEGER,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    direction TEXT NOT NULL,
    checksum TEXT NOT NULL,
    chain TEXT NOT NULL,
    statement_index INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    duration_ms INTEGER NOT NULL,
    applied_by TEXT NOT NULL,
    program_version TEXT NOT NULL,
    is_done INTEGER NOT NULL CHECK (is_done IN (0, 1)),
    PRIMARY KEY (number)
) STRICT, WITHOUT ROWID)";

constexpr const char* postgres_table = R"(CREATE TABLE IF NOT EXISTS schema_history (
    number bigint NOT NULL,
    version bigint,
    name text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    direction text COLLATE "C" NOT NULL,
    checksum text COLLATE "C" NOT NULL,
    chain text COLLATE "C" NOT NULL,
    statement_index bigint NOT NULL,
    started_at bigint NOT NULL,
    finished_at bigint,
    duration_ms bigint NOT NULL,
    applied_by text COLLATE "C" NOT NULL,
    program_version text COLLATE "C" NOT NULL,
    is_done boolean NOT NULL,
    PRIMARY KEY (number)
))";

std::int64_t read_number(const std::optional<std::string>& cell) {
    std::int64_t number = 0;
    ensure(cell && std::from_chars(cell->data(), cell->data() + cell->size(), number).ec == std::errc(),
           "the history's numbers are numbers");
    return number;
}

template <class Enum>
Enum read_name(const std::optional<std::string>& cell) {
    Enum value{};
    ensure(cell && boost::describe::enum_from_string(cell->c_str(), value), "the history's words are ours");
    return value;
}

template <class Enum>
std::string name_of(Enum value) {
    return boost::describe::enum_to_string(value, "");
}

Time time_of(std::int64_t micros) {
    return Time{std::chrono::microseconds{micros}};
}

std::string micros_of(Time time) {
    return std::to_string(time.time_since_epoch().count());
}

HistoryEntry read_entry(const TextRow& row) {
    HistoryEntry entry{.number = read_number(row[0]),
                       .version = {},
                       .name = row[2].value(),
                       .kind = read_name<MigrationKind>(row[3]),
                       .direction = read_name<Direction>(row[4]),
                       .checksum = row[5].value(),
                       .chain = row[6].value(),
                       .statement_index = read_number(row[7]),
                       .started_at = time_of(read_number(row[8])),
                       .finished_at = {},
                       .duration_ms = read_number(row[10]),
                       .applied_by = row[11].value(),
                       .program_version = row[12].value(),
                       .is_done = row[13] == "1"};
    if (row[1]) entry.version = read_number(row[1]);
    if (row[9]) entry.finished_at = time_of(read_number(row[9]));
    return entry;
}

}  // namespace

bool has_history(AdminConnection& admin) {
    const auto rows =
        admin.list_rows(admin.engine() == EngineKind::sqlite
                            ? "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_history'"
                            : "SELECT 1 FROM pg_class WHERE relname = 'schema_history' AND relnamespace = "
                              "(SELECT oid FROM pg_namespace WHERE nspname = current_schema())");
    return !rows.empty();
}

void make_history(AdminConnection& admin) {
    admin.run(admin.engine() == EngineKind::sqlite ? sqlite_table : postgres_table);
}

std::vector<HistoryEntry> list_history(AdminConnection& admin) {
    std::vector<HistoryEntry> entries;
    if (!has_history(admin)) return entries;
    const auto rows = admin.list_rows(
        "SELECT number, version, name, kind, direction, checksum, chain, statement_index, started_at, "
        "finished_at, duration_ms, applied_by, program_version, is_done FROM schema_history ORDER BY number");
    for (const TextRow& row : rows) entries.push_back(read_entry(row));
    return entries;
}

std::string next_link(const std::string& link, const HistoryEntry& entry) {
    const std::string version = entry.version ? std::to_string(*entry.version) : "R";
    return sha256_hex(link + "\n" + version + "\n" + entry.name + "\n" + name_of(entry.direction) + "\n" +
                      entry.checksum);
}

void insert_history(AdminConnection& admin, HistoryEntry& entry) {
    const auto last = admin.list_rows("SELECT chain FROM schema_history ORDER BY number DESC LIMIT 1");
    entry.chain = next_link(last.empty() ? "" : last.front().front().value(), entry);
    const std::string parameters[] = {entry.version ? std::to_string(*entry.version) : "",
                                      entry.name,
                                      name_of(entry.kind),
                                      name_of(entry.direction),
                                      entry.checksum,
                                      entry.chain,
                                      std::to_string(entry.statement_index),
                                      micros_of(entry.started_at),
                                      entry.finished_at ? micros_of(*entry.finished_at) : "",
                                      std::to_string(entry.duration_ms),
                                      entry.applied_by,
                                      entry.program_version,
                                      entry.is_done ? "1" : "0"};
    const auto rows = admin.list_rows(
        "INSERT INTO schema_history (number, version, name, kind, direction, checksum, chain, "
        "statement_index, "
        "started_at, finished_at, duration_ms, applied_by, program_version, is_done) "
        "VALUES ((SELECT coalesce(max(number), 0) + 1 FROM schema_history), CAST(nullif($1, '') AS bigint), "
        "$2, $3, $4, $5, $6, CAST($7 AS bigint), CAST($8 AS bigint), CAST(nullif($9, '') AS bigint), "
        "CAST($10 AS bigint), $11, $12, $13) RETURNING number",
        parameters);
    entry.number = read_number(rows.at(0).at(0));
}

void update_history(AdminConnection& admin, const HistoryEntry& entry) {
    const std::string parameters[] = {
        std::to_string(entry.statement_index), entry.finished_at ? micros_of(*entry.finished_at) : "",
        std::to_string(entry.duration_ms), entry.is_done ? "1" : "0", std::to_string(entry.number)};
    admin.list_rows(
        "UPDATE schema_history SET statement_index = CAST($1 AS bigint), finished_at = CAST(nullif($2, '') "
        "AS "
        "bigint), duration_ms = CAST($3 AS bigint), is_done = $4 WHERE number = CAST($5 AS bigint)",
        parameters);
}

}  // namespace lodestone::db
