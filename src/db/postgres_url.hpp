// What a PostgreSQL URL says, as libpq itself reads it: several hosts, sockets and options included.
#pragma once

#include <optional>
#include <string>

namespace lodestone::db {

struct PostgresUrl {
    bool has_password = false;
};

// postgres://… or postgresql://…; nothing when libpq would not take it.
std::optional<PostgresUrl> parse_postgres_url(const std::string& text);

}  // namespace lodestone::db
