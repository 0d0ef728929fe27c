// SQLSTATEs in one table, most specific first: https://www.postgresql.org/docs/15/errcodes-appendix.html
#include "db/postgres/fault.hpp"

#include <algorithm>

namespace lodestone::db {

namespace {

struct State {
    std::string_view prefix;  // a class has two letters, a condition five
    Failure failure;
    bool loses_connection = false;
    bool is_repeatable = false;
    bool is_stale_plan = false;
};

constexpr State states[] = {
    {.prefix = "40001", .failure = Failure::contention, .is_repeatable = true},
    {.prefix = "40P01", .failure = Failure::contention, .is_repeatable = true},
    // CockroachDB's word for a COMMIT whose result it does not know itself: as if the answer had been lost.
    {.prefix = "40003", .failure = Failure::lost, .loses_connection = true},
    {.prefix = "55P03", .failure = Failure::contention, .is_repeatable = true},
    {.prefix = "23505", .failure = Failure::unique},
    {.prefix = "23P01", .failure = Failure::unique},
    {.prefix = "23503", .failure = Failure::reference},
    {.prefix = "23001", .failure = Failure::reference},
    {.prefix = "23", .failure = Failure::rule},
    {.prefix = "57014", .failure = Failure::too_slow},
    {.prefix = "25P03", .failure = Failure::too_slow, .loses_connection = true},
    // After a failover the old primary is a standby: another connection may find the new one.
    {.prefix = "25006", .failure = Failure::read_only, .loses_connection = true},
    {.prefix = "57P", .failure = Failure::lost, .loses_connection = true},
    {.prefix = "08", .failure = Failure::lost, .loses_connection = true},
    {.prefix = "53300", .failure = Failure::unavailable, .loses_connection = true},
    {.prefix = "53100", .failure = Failure::full},
    {.prefix = "53", .failure = Failure::unavailable},
    {.prefix = "58030", .failure = Failure::damaged},
    {.prefix = "XX001", .failure = Failure::damaged},
    {.prefix = "XX002", .failure = Failure::damaged},
    {.prefix = "0A000", .failure = Failure::statement, .is_stale_plan = true},
    {.prefix = "26000", .failure = Failure::statement, .is_stale_plan = true},
    {.prefix = "22", .failure = Failure::wrong_value},
    {.prefix = "54000", .failure = Failure::wrong_value},
    {.prefix = "", .failure = Failure::statement},  // anything else
};

const State& find_state(std::string_view state) {
    return *std::ranges::find_if(states, [state](const State& one) { return state.starts_with(one.prefix); });
}

std::string field(const PGresult& result, int code) {
    const char* text = PQresultErrorField(&result, code);
    return text == nullptr ? std::string() : text;
}

}  // namespace

// DETAIL, HINT and CONTEXT quote whole rows and keys; libpq's own words have none of these fields.
std::string words_of(const PGresult& result) {
    const std::string state = field(result, PG_DIAG_SQLSTATE);
    if (state.empty()) return one_line(PQresultErrorMessage(&result));
    std::string words = one_line(field(result, PG_DIAG_MESSAGE_PRIMARY)) + " [" + state;
    for (const std::string& name :
         {field(result, PG_DIAG_TABLE_NAME), field(result, PG_DIAG_CONSTRAINT_NAME)})
        if (!name.empty()) words += " " + name;
    return words + "]";
}

std::string one_line(std::string_view message) {
    std::string line;
    for (const char letter : message) line += letter == '\n' ? ' ' : letter;
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

Failure failure_of_state(std::string_view state) {
    return find_state(state).failure;
}

Fault fault_of(const PGresult& result, std::string_view during) {
    Fault fault;
    fault.state = field(result, PG_DIAG_SQLSTATE);
    fault.table = field(result, PG_DIAG_TABLE_NAME);
    fault.text = std::string(during) + ": " + words_of(result);
    if (fault.state.empty()) {  // libpq's own words: the connection broke
        fault.failure = Failure::lost;
        fault.loses_connection = true;
        return fault;
    }
    const State& state = find_state(fault.state);
    fault.failure = state.failure;
    fault.loses_connection = state.loses_connection;
    fault.is_repeatable = state.is_repeatable;
    fault.is_stale_plan = state.is_stale_plan;
    // Not translated, unlike PG_DIAG_SEVERITY.
    const std::string severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    if (severity == "FATAL" || severity == "PANIC") fault.loses_connection = true;
    return fault;
}

Fault broken_connection(const PGconn& connection, std::string_view during) {
    return {.failure = Failure::lost,
            .text = std::string(during) + ": " + one_line(PQerrorMessage(&connection)),
            .loses_connection = true};
}

Fault silent_server(std::string_view during) {
    return {.failure = Failure::too_slow,
            .text = std::string(during) + ": the server did not answer in time",
            .loses_connection = true};
}

}  // namespace lodestone::db
