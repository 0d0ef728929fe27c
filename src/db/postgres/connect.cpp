// PQconnectPoll under a time-out; https://www.postgresql.org/docs/15/libpq-connect.html
#include "db/postgres/connect.hpp"

#include <poll.h>

#include "base/ensure.hpp"
#include "base/socket_wait.hpp"
#include "db/postgres/server_facts.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;

struct Opened {
    ConnectionPointer connection;
    std::string fault;
};

struct Keyword {
    std::string name;
    std::string value;
};

// Ours stand first: what the URL says comes later and wins.
std::vector<Keyword> keywords_of(const ConnectPlan& plan, const std::string& session) {
    return {{"application_name", "lodestone"},
            {"target_session_attrs", session},
            {"keepalives_idle", "30"},
            {"keepalives_interval", "10"},
            {"keepalives_count", "3"},
            {"tcp_user_timeout", "30000"},
            {"dbname", plan.url},
            // What we rely on, and which host it is, stands last.
            {"client_encoding", "UTF8"},
            {"host", plan.host.host},
            {"hostaddr", plan.host.address},
            {"port", plan.host.port}};
}

ConnectionPointer start(const ConnectPlan& plan, const std::string& session) {
    const std::vector<Keyword> keywords = keywords_of(plan, session);
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const Keyword& keyword : keywords) {
        names.push_back(keyword.name.c_str());
        values.push_back(keyword.value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    ConnectionPointer connection(PQconnectStartParams(names.data(), values.data(), 1));
    if (connection) PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
    return connection;
}

std::string fault_of_connecting(const PGconn& connection) {
    return "Cannot connect to PostgreSQL: " + one_line(PQerrorMessage(&connection)) + ".";
}

Opened open(const ConnectPlan& plan, const std::string& session, SteadyTime until) {
    Opened opened{.connection = start(plan, session), .fault = {}};
    PGconn* connection = opened.connection.get();
    ensure(connection != nullptr, "there is memory for a connection");
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (PQstatus(connection) != CONNECTION_BAD) {
        const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (wait_for_socket(PQsocket(connection), events, plan.clock, until, plan.stop) == 0)
            return {.connection = nullptr,
                    .fault = "Cannot connect to PostgreSQL: it does not answer in time."};
        status = PQconnectPoll(connection);
        if (status == PGRES_POLLING_OK) return opened;
        if (status == PGRES_POLLING_FAILED) break;
    }
    return {.connection = nullptr, .fault = fault_of_connecting(*connection)};
}

// A simple query while connecting: the last row's texts, or a fault.
struct Told {
    std::vector<std::string> row;
    std::string fault;
};

Told ask(PGconn& connection, const std::string& sql, const ConnectPlan& plan, SteadyTime until) {
    Told told;
    if (PQsendQuery(&connection, sql.c_str()) == 0)
        return {.row = {}, .fault = fault_of_connecting(connection)};
    while (true) {
        while (PQisBusy(&connection) != 0) {
            if (wait_for_socket(PQsocket(&connection), POLLIN, plan.clock, until, plan.stop) == 0)
                return {.row = {}, .fault = "Cannot connect to PostgreSQL: it does not answer in time."};
            if (PQconsumeInput(&connection) == 0)
                return {.row = {}, .fault = fault_of_connecting(connection)};
        }
        const ResultPointer result(PQgetResult(&connection));
        if (!result) return told;
        if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
            told.fault = "PostgreSQL refused what every session starts with: " +
                         one_line(PQresultErrorMessage(result.get())) + ".";
        told.row.clear();
        for (int column = 0; PQntuples(result.get()) > 0 && column < PQnfields(result.get()); ++column)
            told.row.emplace_back(PQgetvalue(result.get(), 0, column));
    }
}

// Only those that the server knows: others speak the protocol too.
std::string settings_of(const PostgresOptions& options) {
    const auto text = [](milliseconds time) { return std::to_string(time.count()); };
    return "SELECT count(set_config(name, wanted, false)) FROM (VALUES "
           "('default_transaction_read_only', 'on'), ('jit', 'off'), "
           // A client that hung up ends its statement, instead of the statement's own end.
           "('client_connection_check_interval', '2000'), "
           "('idle_in_transaction_session_timeout', '60000'), "
           "('statement_timeout', '" +
           text(options.statement_timeout) + "'), ('lock_timeout', '" + text(options.lock_timeout) +
           "')) AS ours (known, wanted) JOIN pg_settings ON name = known";
}

bool is_read_only(const PGconn& connection) {
    const auto is_on = [&connection](const char* parameter) {
        const char* value = PQparameterStatus(&connection, parameter);
        return value != nullptr && std::string_view(value) == "on";
    };
    return is_on("in_hot_standby") || is_on("default_transaction_read_only");
}

}  // namespace

Connected connect_postgres(const ConnectPlan& plan) {
    const SteadyTime until = plan.clock.steady_now() + plan.options.connect_timeout;
    Opened opened = open(plan, plan.wants_writes ? "read-write" : "any", until);
    Connected connected{.connection = nullptr, .server = {}, .fault = opened.fault};
    connected.is_refused_as_read_only = opened.fault.find("session is read-only") != std::string::npos;
    if (!opened.connection) return connected;

    ConnectionFacts facts{
        .has_named_statements = plan.is_direct || !plan.options.is_behind_transaction_pooler,
        .is_read_only = is_read_only(*opened.connection)};
    Told told = ask(*opened.connection, server_facts_query, plan, until);
    if (told.fault.empty()) {
        ServerFacts server = read_server(told.row);
        connected.server = {.name = std::move(server.name),
                            .capabilities = without(server.capabilities, plan.options.lacks)};
        facts.has_notifications = connected.server.capabilities.has_listen;
        if (facts.has_named_statements)
            told = ask(*opened.connection, settings_of(plan.options), plan, until);
    }
    connected.fault = told.fault;
    if (told.fault.empty())
        connected.connection =
            std::make_unique<Connection>(std::move(opened.connection), facts, plan.clock, plan.numbers);
    return connected;
}

}  // namespace lodestone::db
