// Preparing, binding, stepping, and reading columns with a look at what they really hold.
#include "db/sqlite/prepared.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>

#include "base/ensure.hpp"

namespace lodestone::db {

namespace {

bool is_blank(const char* begin, const char* end) {
    return std::all_of(begin, end, [](unsigned char c) { return std::isspace(c) != 0 || c == ';'; });
}

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(SqliteSession& session, const Statement& statement,
                                 StatementCounters counters)
    : session_(session), statement_(statement), counters_(counters) {
    prepare();
    find_parameters();
}

void SqliteStatement::prepare() {
    const std::string_view sql = statement_.sql(EngineKind::sqlite);
    SqliteConnection& connection = session_.connection();
    sqlite3_stmt* made = nullptr;
    const char* tail = nullptr;
    const int result = sqlite3_prepare_v3(connection.raw(), sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &made, &tail);
    raw_.reset(made);
    if (result != SQLITE_OK) session_.fail(connection.error(result, statement_.name()));
    if (made == nullptr || !is_blank(tail, sql.data() + sql.size()))
        session_.fail({Failure::statement, std::string(statement_.name()) + ": not a single statement"});
}

void SqliteStatement::find_parameters() {
    const std::size_t count = statement_.parameters().size();
    for (std::size_t number = 1; number <= count; ++number) {
        const std::string name = "$" + std::to_string(number);
        const int place = sqlite3_bind_parameter_index(raw_.get(), name.c_str());
        if (place == 0) session_.fail({Failure::statement, std::string(statement_.name()) + ": no " + name});
        parameters_.push_back(place);
    }
    if (static_cast<std::size_t>(sqlite3_bind_parameter_count(raw_.get())) != count)
        session_.fail({Failure::statement, std::string(statement_.name()) + ": more parameters than values"});
}

void SqliteStatement::bind(std::span<const Value> values) {
    ensure(values.size() == parameters_.size(), statement_.name());
    for (std::size_t at = 0; at < values.size(); ++at) {
        const int result = bind_one(parameters_[at], values[at]);
        if (result != SQLITE_OK) session_.fail(session_.connection().error(result, statement_.name()));
    }
}

// What a value points to lives until the statement has run, so nothing is copied. A null pointer would bind
// NULL, where an empty text or an empty row of bytes is meant.
int SqliteStatement::bind_one(int place, const Value& value) {
    sqlite3_stmt* raw = raw_.get();
    const char* data = value.text.data() != nullptr ? value.text.data() : "";
    switch (value.kind) {
        case Kind::null: return sqlite3_bind_null(raw, place);
        case Kind::boolean:
        case Kind::integer: return sqlite3_bind_int64(raw, place, value.integer);
        case Kind::real: return sqlite3_bind_double(raw, place, value.real);
        case Kind::text:
            return sqlite3_bind_text64(raw, place, data, value.text.size(), SQLITE_STATIC, SQLITE_UTF8);
        case Kind::bytes: return sqlite3_bind_blob64(raw, place, data, value.text.size(), SQLITE_STATIC);
    }
    return SQLITE_MISUSE;
}

bool SqliteStatement::step() {
    const int result = sqlite3_step(raw_.get());
    if (result == SQLITE_ROW) return true;
    if (result == SQLITE_DONE) return false;
    session_.fail(session_.connection().error(result, statement_.name()));
}

void SqliteStatement::reset() noexcept {
    sqlite3_reset(raw_.get());
    counters_.add(session_.connection().clock().steady_now() - started);
}

void SqliteStatement::finish() noexcept {
    session_.end(*this);
}

int SqliteStatement::column_count() const {
    return sqlite3_column_count(raw_.get());
}

std::string_view SqliteStatement::column_name(int column) const {
    const char* name = sqlite3_column_name(raw_.get(), column);
    return name != nullptr ? name : "";
}

bool SqliteStatement::is_null(int column) const {
    return sqlite3_column_type(raw_.get(), column) == SQLITE_NULL;
}

// A column can hold anything unless its table is STRICT: better an error than a zero where a text stands.
void SqliteStatement::expect(int column, int type) const {
    if (sqlite3_column_type(raw_.get(), column) != type) [[unlikely]]
        fail_column(column);
}

void SqliteStatement::fail_column(int column) const {
    session_.fail({Failure::statement, std::string(statement_.name()) + ": column " +
                                           std::string(column_name(column)) +
                                           " does not hold what it should"});
}

bool SqliteStatement::boolean(int column) const {
    return integer(column) != 0;
}

std::int64_t SqliteStatement::integer(int column) const {
    expect(column, SQLITE_INTEGER);
    return sqlite3_column_int64(raw_.get(), column);
}

// An expression over integers may come as one.
double SqliteStatement::real(int column) const {
    if (sqlite3_column_type(raw_.get(), column) != SQLITE_INTEGER) expect(column, SQLITE_FLOAT);
    return sqlite3_column_double(raw_.get(), column);
}

std::string_view SqliteStatement::text(int column) const {
    expect(column, SQLITE_TEXT);
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(raw_.get(), column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(raw_.get(), column))};
}

std::span<const std::byte> SqliteStatement::bytes(int column) const {
    expect(column, SQLITE_BLOB);
    const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(raw_.get(), column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(raw_.get(), column))};
}

}  // namespace lodestone::db
