// One entry of the audit log: who did what, on what, from where, shown what, and how it ended.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>

#include "base/tenant_id.hpp"
#include "db/codec.hpp"
#include "db/unit.hpp"

namespace lodestone::ledger {

using AuditId = Id<struct AuditEntry>;

struct AuditEntry {
    AuditId id;  // also the id of its event in the outbox
    Time at{};
    std::optional<TenantId> tenant_id;  // whose the subject is; nothing: the whole installation's
    std::string actor;                  // a user's, app's or key's id; "anonymous", "operator", "system"
    std::optional<TenantId> actor_tenant_id;  // whose the actor is
    db::Source source = db::Source::system;
    std::string address;  // of the client; empty when nobody asked over the network
    std::string agent;    // what the client calls itself, as printable ASCII
    std::optional<std::string> key_id;
    std::optional<std::string> session_id;
    std::string request_id;
    std::string action;   // "tenant.create"
    std::string subject;  // the id of what changed
    db::ActionResult result = db::ActionResult::ok;
    std::string details;  // a JSON object in canonical form (ledger/canonical.hpp)

    bool operator==(const AuditEntry&) const = default;
};
BOOST_DESCRIBE_STRUCT(AuditEntry, (),
                      (id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id,
                       request_id, action, subject, result, details))

}  // namespace lodestone::ledger
