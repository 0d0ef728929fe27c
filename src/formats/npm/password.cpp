// Signing in, once, for a key.
#include "formats/npm/password.hpp"

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/database.hpp"
#include "identity/gate/refusals.hpp"
#include "identity/identity.hpp"
#include "identity/sign_in/refresh.hpp"
#include "identity/sign_in/sign_in.hpp"

namespace lodestone::formats::npm {

using db::Tx;
using http::Request;

namespace {

identity::SignInRequest describe(const Request& request, PasswordLogin login) {
    const std::string_view agent = request.header("user-agent").value_or("");
    return {.tenant = std::move(login.tenant),
            .account = std::move(login.account),
            .password = std::move(login.password),
            .code = std::string(request.header("npm-otp").value_or("")),
            .visitor = {.address = request.peer.address,
                        .agent = std::string(agent.substr(0, limits::logged_agent_bytes))}};
}

// Clients know by the header that a code is asked for, ask for it and send the same again.
[[noreturn]] void ask_for_code() {
    throw Problem(problems::unauthenticated,
                  "A one-time password is needed: send it as npm-otp, as the option --otp does.")
        .with_header("WWW-Authenticate", "OTP");
}

void check_duties(const identity::Duties& duties) {
    if (duties.must_change_password)
        throw Problem(problems::forbidden, "Choose another password in the console first.");
    if (duties.must_add_second_factor)
        throw Problem(problems::forbidden, "Set up a second factor in the console first.");
}

}  // namespace

identity::Resource own_keys_of(const identity::Principal& person) {
    identity::Resource resource;
    resource.tenant = person.tenant;
    resource.type = "key";
    resource.attributes[identity::owner_attribute] = person.user.text();
    return resource;
}

Task<std::shared_ptr<const identity::Principal>> check_password(Context& context, const Request& request,
                                                                PasswordLogin login) {
    identity::Identity& identity = *context.identity;
    const db::Unit unit = identity::make_unit(request);
    identity::SignInOutcome outcome = co_await identity::sign_in(identity.vault, *context.database,
                                                                 describe(request, std::move(login)), unit);
    if (!outcome.signed_in) ask_for_code();
    const identity::SignedIn signed_in = *std::move(outcome.signed_in);
    // The session was for this alone.
    co_await identity::sign_out(identity.vault, *context.database, signed_in.access_text, unit);
    check_duties(signed_in.duties);
    auto person = co_await identity.gate.impersonate(signed_in.tenant, signed_in.session.user_id, request);
    if (!person) throw identity::unauthenticated();
    co_return person;
}

Task<identity::IssuedKey> make_own_key(Context& context, const Request& request,
                                       std::shared_ptr<const identity::Principal> person,
                                       identity::NewKey wanted) {
    identity::Identity& identity = *context.identity;
    const identity::Decision decision =
        co_await identity.gate.judge(person, "key:create", own_keys_of(*person), request);
    if (!decision.is_allowed) throw identity::refusal(decision, *person);
    wanted.user_id = person->user;
    db::Unit unit = identity::make_unit(request);
    unit.actor = person->actor();
    unit.actor_tenant = person->tenant.text();
    auto make = [&](Tx& tx) { return identity::issue_key(tx, person->tenant, wanted, identity.vault.mint); };
    co_return co_await context.database->write(unit, make);
}

}  // namespace lodestone::formats::npm
