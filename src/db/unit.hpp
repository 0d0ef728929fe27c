// A unit of work: who does it, for which request, until when. It becomes one transaction, and what it changed
// is written down in the same one.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace lodestone::db {

// How a unit of work came to us: the program's own doing, a command at a shell, a request.
enum class Source : std::uint8_t { system, cli, api };
BOOST_DESCRIBE_ENUM(Source, system, cli, api)

struct Unit {
    std::string actor = "system";  // a user's or key's id; the program itself
    std::string request_id;
    SteadyTime deadline = SteadyTime::max();
    // Of a write: if the answer to COMMIT is lost, whether it happened is found out by this key. Without one
    // such a write ends with Problem(unavailable) that says it is not known. Used up by the unit that commits
    // under it: the next one is refused as Problem(conflict). UTF-8 without NUL,
    // limits::idempotency_key_bytes.
    std::string idempotency_key;
    // Of a read: an answer that is a little old will do, so a replica may give it. Never for what somebody
    // may do, for uniqueness, or for what the same person has just changed.
    bool allows_stale = false;
    // For the audit log: whose the actor is, from where it asks, and what it has shown. Empty: nothing to
    // say.
    std::string actor_tenant{};
    Source source = Source::system;
    std::string address{};
    std::string agent{};
    std::string key{};      // a key's id, never the key
    std::string session{};  // a session's id
};

// Before a unit is handed in: throws Problem(invalid_input) when its key cannot be kept.
void check_unit(const Unit& unit);

// How an action ended: as asked; against a rule; or by a fault.
enum class ActionResult : std::uint8_t { ok, refused, failed };
BOOST_DESCRIBE_ENUM(ActionResult, ok, refused, failed)

// What happened to one thing: a row of the audit log, and an event for those who listen.
struct Change {
    std::string action;   // "tenant.create"
    std::string tenant;   // whose it is; empty for what belongs to the whole installation
    std::string subject;  // the id of what changed
    std::string details;  // a JSON object: changed fields and what they became, never a secret
    ActionResult result = ActionResult::ok;
    // Which rendered indexes say something else now (packages/index_changes.hpp). For memories, not for the
    // log.
    std::vector<std::uint32_t> stale_indexes{};
};

}  // namespace lodestone::db
