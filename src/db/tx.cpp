// The part of Tx that does not depend on types.
#include "db/tx.hpp"

#include <cmath>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"
#include "db/failure.hpp"

namespace lodestone::db {

namespace {

// For each member of the struct, the answer's column of that name; once for each prepared statement.
void find_places(const Statement& statement, Rows& rows) {
    std::vector<int>& places = rows.places();
    if (!places.empty()) return;
    for (const ColumnType& wanted : statement.columns()) {
        int place = wanted.name.empty() ? 0 : -1;
        for (int column = 0; column < rows.column_count() && place < 0; ++column)
            if (rows.column_name(column) == wanted.name) place = column;
        ensure(place >= 0, statement.name());
        places.push_back(place);
    }
}

}  // namespace

void Tx::check(const Statement& statement, std::span<const Value> bound) {
    if (statement_count_++ > 0 && extent_ != Extent::many_statements) {
        ensure(extent_ != Extent::one_statement, statement.name());
        throw WantsTransaction{};
    }
    for (const Value& value : bound) {
        // SQLite would store null instead.
        if (value.kind == Kind::real && std::isnan(value.real))
            throw DatabaseError(Failure::wrong_value, std::string(statement.name()) + ": not a number");
        if (value.kind != Kind::text) continue;
        if (!is_utf8(value.text) || value.text.find('\0') != std::string_view::npos)
            throw Problem(problems::invalid_input,
                          "A text holds bytes that are not UTF-8, or a NUL character.")
                .with_internal(std::string(statement.name()));
    }
}

void Tx::notify(const std::string& channel, const std::string& payload) {
    ensure(extent_ == Extent::many_statements, "a look-up changes nothing");
    // Too long to send: "anything may have changed" is true as well.
    Notice notice{.channel = channel, .payload = {}};
    if (payload.size() <= limits::notification_bytes) notice.payload = payload;
    session_.notify(notice.channel, notice.payload);
    notices_.push_back(std::move(notice));
}

Rows& Tx::ask(const Statement& statement, std::span<const Value> bound) {
    check(statement, bound);
    Rows& rows = session_.query(statement, bound);
    find_places(statement, rows);
    return rows;
}

}  // namespace lodestone::db
