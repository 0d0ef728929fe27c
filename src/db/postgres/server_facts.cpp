// By the text of version(). What each cannot do is in its manual under "PostgreSQL compatibility".
#include "db/postgres/server_facts.hpp"

#include <charconv>
#include <string_view>
#include <utility>

namespace lodestone::db {

namespace {

// The two numbers behind "-YB-"; none: it is no YugabyteDB.
std::pair<int, int> find_yugabyte_version(std::string_view version) {
    const std::size_t at = version.find("-YB-");
    if (at == version.npos) return {};
    std::pair<int, int> found;
    const char* end = version.data() + version.size();
    const auto major = std::from_chars(version.data() + at + 4, end, found.first);
    if (major.ptr != end && *major.ptr == '.') std::from_chars(major.ptr + 1, end, found.second);
    return found;
}

}  // namespace

ServerFacts read_server(const std::string& version, const std::string& server_version,
                        bool knows_advisory_locks, bool has_citus) {
    const bool is_cockroach = version.find("CockroachDB") != version.npos;
    const auto yugabyte = find_yugabyte_version(version);
    const bool is_yugabyte = yugabyte.first > 0;
    ServerFacts facts;
    if (is_cockroach) {
        facts.name = version.substr(0, version.find(" ("));
    } else {
        facts.name = (is_yugabyte ? "YugabyteDB "
                      : has_citus ? "PostgreSQL with Citus "
                                  : "PostgreSQL ") +
                     server_version.substr(0, server_version.find(' '));
    }
    // YugabyteDB has had the functions all along, and the locks since 2.25.
    const bool has_locks = !is_cockroach && (!is_yugabyte || yugabyte >= std::pair(2, 25));
    facts.capabilities = {.has_advisory_locks = knows_advisory_locks && has_locks,
                          .has_listen = !is_cockroach && !is_yugabyte,
                          .has_transactional_ddl = !is_cockroach && !is_yugabyte};
    return facts;
}

}  // namespace lodestone::db
