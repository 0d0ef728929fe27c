// CREATE INDEX CONCURRENTLY, made repeatable: PostgreSQL leaves an INVALID index behind when such a build is
// interrupted, which serves nobody and is in the way.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/admin_connection.hpp"

namespace lodestone::db {

// The name of the index that the statement builds or drops concurrently; nothing for other statements.
struct ConcurrentIndex {
    std::string name;
    bool is_dropped = false;
};
std::optional<ConcurrentIndex> find_concurrent_index(std::string_view statement);

// Drops what an interrupted build left. Answers true when the statement has nothing to do any more: it is
// resumed, and was done just before the interruption.
bool prepare_concurrent_index(AdminConnection& admin, std::string_view statement, bool is_resumed);

}  // namespace lodestone::db
