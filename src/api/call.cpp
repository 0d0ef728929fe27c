// Who asks, for which request, until when.
#include "api/call.hpp"

#include "base/ensure.hpp"
#include "identity/gate/gate.hpp"
#include "identity/identity.hpp"
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

identity::Identity& Call::identity() const {
    ensure(context_.identity != nullptr, "whoever serves the API has identity");
    return *context_.identity;
}

identity::Vault& Call::vault() const {
    return identity().vault;
}

const identity::TokenMint& Call::mint() const {
    return vault().mint;
}

db::Unit Call::unit() const {
    return identity::make_unit(request_);
}

db::Unit Call::stale_unit() const {
    db::Unit unit = this->unit();
    unit.allows_stale = true;
    return unit;
}

}  // namespace lodestone::api
