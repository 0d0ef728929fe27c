// What servers that speak an engine's language can or cannot do; found out when connecting, not assumed. Each
// is read where it matters: the migrations' lock and their transactions, and what other nodes change.
#pragma once

#include <cstdint>
#include <vector>

namespace lodestone::db {

struct Capabilities {
    bool has_advisory_locks = false;
    bool has_listen = false;
    bool has_transactional_ddl = true;
};

// What an operator may say of a server that it has not, whatever it says of itself (`database.lacks`).
enum class Capability : std::uint8_t { advisory_locks, listen, transactional_ddl };
using Lacks = std::vector<Capability>;

inline Capabilities without(Capabilities found, const Lacks& lacks) {
    for (const Capability lacking : lacks) {
        if (lacking == Capability::advisory_locks) found.has_advisory_locks = false;
        if (lacking == Capability::listen) found.has_listen = false;
        if (lacking == Capability::transactional_ddl) found.has_transactional_ddl = false;
    }
    return found;
}

}  // namespace lodestone::db
