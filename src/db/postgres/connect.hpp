// Making a connection to a host that takes writes, within a time-out; then the settings
// that every session of ours has, and what the server can do.
#pragma once

#include <memory>
#include <string>

#include "db/open_database.hpp"
#include "db/postgres/connection.hpp"

namespace lodestone::db {

// One of the hosts that the address names; libpq would spend the whole time-out on the first that is silent.
struct Host {
    std::string host;
    std::string address;
    std::string port;
};

struct ConnectPlan {
    std::string url;
    Host host;
    const PostgresOptions& options;
    bool wants_writes = true;
    bool is_direct = false;  // not through the pooler that the others go through
    const Clock& clock;
    PostgresNumbers& numbers;
    int stop = -1;  // an eventfd: readable when there is no use in connecting any more
};

struct Server {
    std::string name;  // "PostgreSQL 15.18"
    Capabilities capabilities;
};

struct Connected {
    std::unique_ptr<Connection> connection;  // null: `fault` says why
    Server server;
    std::string fault;
    bool is_refused_as_read_only = false;  // it would have done, for reading
};

Connected connect_postgres(const ConnectPlan& plan);

}  // namespace lodestone::db
