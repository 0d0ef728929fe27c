// The administrator's connection to a PostgreSQL server: one session, direct, blocking.
#include <libpq-fe.h>

#include <algorithm>
#include <array>

#include "db/admin_connection.hpp"
#include "db/failure.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;

struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

// https://www.postgresql.org/docs/current/errcodes-appendix.html
Failure failure_of(std::string_view state) {
    constexpr std::pair<std::string_view, Failure> states[] = {
        {"55P03", Failure::contention}, {"40001", Failure::contention}, {"40P01", Failure::contention},
        {"57014", Failure::too_slow},   {"23505", Failure::unique},     {"23503", Failure::reference},
        {"25006", Failure::read_only},  {"53100", Failure::full},       {"53", Failure::unavailable},
        {"57P", Failure::unavailable},  {"08", Failure::lost},          {"23", Failure::rule},
        {"22", Failure::wrong_value},   {"XX", Failure::damaged},       {"", Failure::statement}};
    return std::ranges::find_if(states, [state](const auto& one) { return state.starts_with(one.first); })
        ->second;
}

// What pg_type says of the types that the schema uses.
std::optional<Kind> kind_of(Oid type) {
    switch (type) {
        case 16: return Kind::boolean;
        case 20:  // int8; narrower integers are not read as 64 bits
            return Kind::integer;
        case 701: return Kind::real;
        case 17: return Kind::bytes;
        case 25:
        case 1043: return Kind::text;
        default: return std::nullopt;
    }
}

Oid type_of(Kind kind) {
    switch (kind) {
        case Kind::boolean: return 16;
        case Kind::integer: return 20;
        case Kind::real: return 701;
        case Kind::bytes: return 17;
        case Kind::text: return 25;
        case Kind::null: break;
    }
    return 0;
}

std::optional<std::string> cell_of(const PGresult* answer, int row, int column) {
    if (PQgetisnull(answer, row, column) != 0) return std::nullopt;
    std::string text(PQgetvalue(answer, row, column),
                     static_cast<std::size_t>(PQgetlength(answer, row, column)));
    if (PQftype(answer, column) == 16) return text == "t" ? "1" : "0";
    if (PQftype(answer, column) == 17 && text.starts_with("\\x")) return text.substr(2);
    return text;
}

std::string trimmed(std::string text) {
    text.erase(text.find_last_not_of(" \n") + 1);
    return text;
}

class PostgresAdmin final : public AdminConnection {
  public:
    PostgresAdmin(const std::string& url, milliseconds timeout) {
        const std::string seconds = std::to_string((timeout.count() + 999) / 1000);
        // What the address says comes later and counts.
        const std::array<const char*, 6> keywords{"connect_timeout",      "fallback_application_name",
                                                  "target_session_attrs", "dbname",
                                                  "client_encoding",      nullptr};
        const std::array<const char*, 6> values{
            seconds.c_str(), "lodestone migrate", "read-write", url.c_str(), "UTF8", nullptr};
        connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 1));
        if (PQstatus(connection_.get()) != CONNECTION_OK)
            throw DatabaseError(Failure::unavailable, trimmed(PQerrorMessage(connection_.get())));
        // "already exists, skipping" and the like
        PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    }

    EngineKind engine() const override { return EngineKind::postgres; }

    void run(std::string_view sql) override { ask(sql, {}); }

    std::vector<TextRow> list_rows(std::string_view sql, std::span<const std::string> parameters) override {
        const Answer answer = ask(sql, parameters);
        std::vector<TextRow> rows;
        for (int row = 0; row < PQntuples(answer.get()); ++row) {
            TextRow& cells = rows.emplace_back();
            for (int column = 0; column < PQnfields(answer.get()); ++column)
                cells.push_back(cell_of(answer.get(), row, column));
        }
        return rows;
    }

    void roll_back() noexcept override {
        if (PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return;
        const Answer ignored(PQexec(connection_.get(), "ROLLBACK"));
    }

    std::vector<PreparedColumn> describe(std::string_view sql, std::span<const Kind> parameters) override {
        std::vector<Oid> types;
        for (const Kind kind : parameters) types.push_back(type_of(kind));
        const std::string text(sql);
        check(Answer(
            PQprepare(connection_.get(), "", text.c_str(), static_cast<int>(types.size()), types.data())));
        const Answer shape(PQdescribePrepared(connection_.get(), ""));
        check(shape);
        std::vector<PreparedColumn> columns;
        for (int at = 0; at < PQnfields(shape.get()); ++at)
            columns.push_back({PQfname(shape.get(), at), kind_of(PQftype(shape.get(), at)),
                               find_nullable(PQftable(shape.get(), at), PQftablecol(shape.get(), at))});
        return columns;
    }

  private:
    struct Close {
        void operator()(PGconn* connection) const { PQfinish(connection); }
    };

    // The extended protocol, so that it is one statement and no more.
    Answer ask(std::string_view sql, std::span<const std::string> parameters) {
        std::vector<const char*> values;
        for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
        const std::string text(sql);
        Answer answer(PQexecParams(connection_.get(), text.c_str(), static_cast<int>(values.size()), nullptr,
                                   values.data(), nullptr, nullptr, 0));
        check(answer);
        return answer;
    }

    std::optional<bool> find_nullable(Oid table, int column) {
        if (table == 0 || column <= 0) return std::nullopt;
        const std::string parameters[] = {std::to_string(table), std::to_string(column)};
        const auto rows = list_rows(
            "SELECT NOT attnotnull FROM pg_attribute WHERE attrelid = $1::oid AND attnum = $2::int2",
            parameters);
        if (rows.empty()) return std::nullopt;
        return rows.front().front() == "1";
    }

    void check(const Answer& answer) {
        const auto status = PQresultStatus(answer.get());
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) return;
        const char* state = PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
        const char* message = PQresultErrorField(answer.get(), PG_DIAG_MESSAGE_PRIMARY);
        if (state == nullptr || message == nullptr)
            throw DatabaseError(Failure::lost, trimmed(PQerrorMessage(connection_.get())));
        const char* detail = PQresultErrorField(answer.get(), PG_DIAG_MESSAGE_DETAIL);
        throw DatabaseError(failure_of(state),
                            detail == nullptr ? message : std::string(message) + " (" + detail + ")");
    }

    std::unique_ptr<PGconn, Close> connection_;
};

}  // namespace

std::unique_ptr<AdminConnection> open_postgres_admin(const std::string& url, milliseconds timeout) {
    return std::make_unique<PostgresAdmin>(url, timeout);
}

}  // namespace lodestone::db
