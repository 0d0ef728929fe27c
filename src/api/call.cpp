// Who asks, for which request, until when.
#include "api/call.hpp"

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "identity/rules/principal.hpp"

namespace lodestone::api {

db::Database& Call::database() const {
    ensure(context_.database != nullptr, "whoever serves the API has a database");
    return *context_.database;
}

const identity::Principal& Call::principal() const {
    static const identity::Principal nobody;
    return request_.principal ? *request_.principal : nobody;
}

db::Unit Call::unit() const {
    const identity::Principal& who = principal();
    db::Unit unit;
    unit.actor = who.actor();
    unit.request_id = request_.id;
    unit.deadline = request_.deadline;
    unit.actor_tenant = who.tenant.text();
    unit.source = db::Source::api;
    unit.address = request_.peer.address;
    unit.agent = request_.header("user-agent").value_or("").substr(0, limits::logged_agent_bytes);
    if (who.key) unit.key = who.key->text();
    if (who.session) unit.session = who.session->text();
    return unit;
}

}  // namespace lodestone::api
