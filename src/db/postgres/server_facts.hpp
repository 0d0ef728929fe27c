// What kind of server answers: many speak PostgreSQL's language, and can less.
#pragma once

#include <string>
#include <vector>

#include "db/capabilities.hpp"

namespace lodestone::db {

// One row of four texts, which read_server() takes.
inline constexpr const char* server_facts_query =
    "SELECT version(), current_setting('server_version'), "
    "EXISTS (SELECT FROM pg_proc WHERE proname = 'pg_try_advisory_lock'), "
    "EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')";

struct ServerFacts {
    std::string name;  // "PostgreSQL 15.18"
    Capabilities capabilities;
};

ServerFacts read_server(const std::string& version, const std::string& server_version,
                        bool knows_advisory_locks, bool has_citus);
inline ServerFacts read_server(const std::vector<std::string>& row) {
    const auto is_true = [](const std::string& text) { return text == "t" || text == "1"; };
    return read_server(row.at(0), row.at(1), is_true(row.at(2)), is_true(row.at(3)));
}

}  // namespace lodestone::db
