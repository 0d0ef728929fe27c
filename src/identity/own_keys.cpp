// What stands between a session and a key of one's own.
#include "identity/own_keys.hpp"

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/database.hpp"
#include "identity/gate/refusals.hpp"
#include "identity/identity.hpp"
#include "identity/sign_in/refresh.hpp"

namespace lodestone::identity {

namespace {

void check_duties(const Duties& duties) {
    if (duties.must_change_password)
        throw Problem(problems::forbidden, "Choose another password in the console first.");
    if (duties.must_add_second_factor)
        throw Problem(problems::forbidden, "Set up a second factor in the console first.");
}

}  // namespace

Resource own_keys_of(const Principal& person) {
    Resource resource;
    resource.tenant = person.tenant;
    resource.type = "key";
    resource.attributes[owner_attribute] = person.user.text();
    return resource;
}

Visitor visitor_of(const http::Request& request) {
    const std::string_view agent = request.header("user-agent").value_or("");
    return {.address = request.peer.address,
            .agent = std::string(agent.substr(0, limits::logged_agent_bytes))};
}

db::Unit make_unit_of(const Principal& person, const http::Request& request) {
    db::Unit unit = make_unit(request);
    unit.actor = person.actor();
    unit.actor_tenant = person.tenant.text();
    return unit;
}

Task<std::shared_ptr<const Principal>> end_session(Context& context, const http::Request& request,
                                                   SignedIn signed_in) {
    Identity& identity = *context.identity;
    co_await sign_out(identity.vault, *context.database, signed_in.access_text, make_unit(request));
    check_duties(signed_in.duties);
    auto person = co_await identity.gate.impersonate(signed_in.tenant, signed_in.session.user_id, request);
    if (!person) throw unauthenticated();
    co_return person;
}

Task<> check_may_make_key(Context& context, const http::Request& request,
                          std::shared_ptr<const Principal> person) {
    const Resource keys = own_keys_of(*person);
    const Decision decision = co_await context.identity->gate.judge(person, "key:create", keys, request);
    if (!decision.is_allowed) throw refusal(decision, *person);
}

Task<IssuedKey> make_own_key(Context& context, const http::Request& request,
                             std::shared_ptr<const Principal> person, NewKey wanted) {
    co_await check_may_make_key(context, request, person);
    wanted.user_id = person->user;
    auto make = [&](db::Tx& tx) {
        return issue_key(tx, person->tenant, wanted, context.identity->vault.mint);
    };
    co_return co_await context.database->write(make_unit_of(*person, request), make);
}

}  // namespace lodestone::identity
