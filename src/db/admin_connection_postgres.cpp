// The administrator's connection to a PostgreSQL server: one session, direct. Whoever uses it waits, but
// never inside libpq and never for ever: a server that falls silent costs no more than the patience set.
#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/socket_wait.hpp"
#include "db/admin_connection.hpp"
#include "db/failure.hpp"
#include "db/postgres/fault.hpp"
#include "db/postgres/server_facts.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;

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

class PostgresAdmin final : public AdminConnection {
  public:
    PostgresAdmin(const std::string& url, milliseconds timeout, AdminAccess access, Lacks lacks)
        : least_(timeout), patience_(timeout), lacks_(std::move(lacks)) {
        connect(url, "read-write");
        const bool is_read_only =
            one_line(PQerrorMessage(connection_.get())).find("session is read-only") != std::string::npos;
        if (is_read_only && access == AdminAccess::read) connect(url, "any");
        if (PQstatus(connection_.get()) != CONNECTION_OK)
            throw DatabaseError(Failure::unavailable, one_line(PQerrorMessage(connection_.get())));
        PQsetErrorVerbosity(connection_.get(), PQERRORS_TERSE);  // no rows in what PQerrorMessage() says
        PQsetnonblocking(connection_.get(), 1);
        // "already exists, skipping" and the like
        PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
    }

    EngineKind engine() const override { return EngineKind::postgres; }

    Capabilities capabilities() override {
        if (capabilities_) return *capabilities_;
        const auto rows = list_rows(server_facts_query, {});
        std::vector<std::string> facts;
        for (const auto& cell : rows.at(0)) facts.push_back(cell.value_or(""));
        capabilities_ = without(read_server(facts).capabilities, lacks_);
        return *capabilities_;
    }

    void set_patience(std::optional<milliseconds> patience) override {
        patience_ = std::max(patience.value_or(least_), least_);
    }

    void run(std::string_view sql) override { ask(sql, {}); }

    std::vector<TextRow> list_rows(std::string_view sql, std::span<const std::string> parameters) override {
        const ResultPointer answer = ask(sql, parameters);
        std::vector<TextRow> rows;
        for (int row = 0; row < PQntuples(answer.get()); ++row) {
            TextRow& cells = rows.emplace_back();
            for (int column = 0; column < PQnfields(answer.get()); ++column)
                cells.push_back(cell_of(answer.get(), row, column));
        }
        return rows;
    }

    void roll_back() noexcept override {
        const auto state = PQtransactionStatus(connection_.get());
        if (is_lost_ || state == PQTRANS_IDLE || state == PQTRANS_UNKNOWN) return;
        if (PQsendQuery(connection_.get(), "ROLLBACK") != 0) receive(clock_.steady_now() + least_);
    }

    std::vector<PreparedColumn> describe(std::string_view sql, std::span<const Kind> parameters) override {
        std::vector<Oid> types;
        for (const Kind kind : parameters) types.push_back(type_of(kind));
        const std::string text(sql);
        finish(
            PQsendPrepare(connection_.get(), "", text.c_str(), static_cast<int>(types.size()), types.data()));
        const ResultPointer shape = finish(PQsendDescribePrepared(connection_.get(), ""));
        std::vector<PreparedColumn> columns;
        for (int at = 0; at < PQnfields(shape.get()); ++at)
            columns.push_back({PQfname(shape.get(), at), kind_of(PQftype(shape.get(), at)),
                               find_nullable(PQftable(shape.get(), at), PQftablecol(shape.get(), at))});
        return columns;
    }

  private:
    void connect(const std::string& url, const char* session) {
        const std::string seconds = std::to_string((least_.count() + 999) / 1000);
        // What the address says comes later and counts.
        const std::array<const char*, 6> keywords{"connect_timeout",      "fallback_application_name",
                                                  "target_session_attrs", "dbname",
                                                  "client_encoding",      nullptr};
        const std::array<const char*, 6> values{
            seconds.c_str(), "lodestone migrate", session, url.c_str(), "UTF8", nullptr};
        connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 1));
    }

    // The extended protocol, so that it is one statement and no more.
    ResultPointer ask(std::string_view sql, std::span<const std::string> parameters) {
        std::vector<const char*> values;
        for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
        const std::string text(sql);
        return finish(PQsendQueryParams(connection_.get(), text.c_str(), static_cast<int>(values.size()),
                                        nullptr, values.data(), nullptr, nullptr, 0));
    }

    // Once the server was silent, what it may still say belongs to nobody: the connection is not used again.
    ResultPointer finish(int is_sent) {
        ResultPointer answer;
        if (is_sent != 0) answer = receive(clock_.steady_now() + patience_);
        if (is_lost_) throw DatabaseError(Failure::unavailable, "the server did not answer in time");
        check(answer);
        return answer;
    }

    // The last answer to what was sent; null when there is none. Waits until `until`, and then is_lost_.
    ResultPointer receive(SteadyTime until) noexcept {
        ResultPointer last;
        while (!is_lost_) {
            const bool has_more = PQflush(connection_.get()) > 0;
            if (!has_more && PQisBusy(connection_.get()) == 0) {
                ResultPointer next(PQgetResult(connection_.get()));
                if (!next) break;
                last = std::move(next);
                continue;
            }
            const short events = has_more ? POLLIN | POLLOUT : POLLIN;
            is_lost_ = wait_for_socket(PQsocket(connection_.get()), events, clock_, until) == 0;
            if (!is_lost_ && PQconsumeInput(connection_.get()) == 0) break;
        }
        return last;
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

    void check(const ResultPointer& answer) {
        const auto status = PQresultStatus(answer.get());
        if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) return;
        const char* state = PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
        if (state == nullptr) throw DatabaseError(Failure::lost, one_line(PQerrorMessage(connection_.get())));
        throw DatabaseError(failure_of_state(state), words_of(*answer));
    }

    const SystemClock clock_;
    const milliseconds least_;
    milliseconds patience_;
    const Lacks lacks_;
    std::optional<Capabilities> capabilities_;  // once they were asked for
    bool is_lost_ = false;
    ConnectionPointer connection_;
};

}  // namespace

std::unique_ptr<AdminConnection> open_postgres_admin(const std::string& url, milliseconds timeout,
                                                     AdminAccess access, Lacks lacks) {
    return std::make_unique<PostgresAdmin>(url, timeout, access, std::move(lacks));
}

}  // namespace lodestone::db
