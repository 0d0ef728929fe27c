// Who asks, for which request, until when.
#include "api/call.hpp"

#include "base/ensure.hpp"
#include "identity/rules/principal.hpp"

namespace lodestone::api {

db::Database& Call::database() const {
    ensure(context_.database != nullptr, "whoever serves the API has a database");
    return *context_.database;
}

db::Unit Call::unit() const {
    db::Unit unit;
    unit.actor = request_.principal ? request_.principal->actor() : "anonymous";
    unit.request_id = request_.id;
    unit.deadline = request_.deadline;
    return unit;
}

}  // namespace lodestone::api
