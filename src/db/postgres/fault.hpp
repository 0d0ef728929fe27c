// What went wrong on a connection to PostgreSQL: the failure as the data layer knows it, and what it means
// for the connection and for trying again.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>

#include "db/failure.hpp"

namespace lodestone::db {

struct CloseConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using ConnectionPointer = std::unique_ptr<PGconn, CloseConnection>;
using ResultPointer = std::unique_ptr<PGresult, ClearResult>;

struct Fault {
    Failure failure = Failure::statement;
    std::string text;   // for the log
    std::string state;  // SQLSTATE, empty when the server did not speak
    std::string table;  // whose constraint refused
    bool loses_connection = false;
    bool is_repeatable = false;  // the same transaction may go through when it comes again
    bool is_stale_plan = false;  // perhaps only: what was prepared no longer fits the schema
};

// What a SQLSTATE means.
Failure failure_of_state(std::string_view state);
// `during`: the statement's name.
Fault fault_of(const PGresult& result, std::string_view during);
// The connection is gone, with what libpq knows of it.
Fault broken_connection(const PGconn& connection, std::string_view during);
// Nothing came back in time; the connection is of no more use.
Fault silent_server(std::string_view during);

// What the server said of a failure, without the rows it was about: message, SQLSTATE, table, constraint.
std::string words_of(const PGresult& result);

// libpq's messages are lines with a newline at the end; ours are one sentence.
std::string one_line(std::string_view message);

}  // namespace lodestone::db
