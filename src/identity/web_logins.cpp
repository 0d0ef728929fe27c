// The steps of a login by a page, in the order in which they are taken.
#include "identity/web_logins.hpp"

#include "base/problem.hpp"
#include "db/database.hpp"
#include "http/server/base_address.hpp"
#include "identity/gate/refusals.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/identity_provider.hpp"
#include "identity/nouns/sign_in_settings.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/own_keys.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

[[noreturn]] void refuse_ended() {
    throw Problem(problems::not_found,
                  "This login is over: its time is up, or its key was given already. Begin again.");
}

WaysIn list_ways_in(Tx& tx, const TenantId& tenant, const std::string& address) {
    WaysIn ways;
    const auto owner = find_tenant(tx, tenant);
    if (!owner || owner->status != TenantStatus::active) return ways;
    check_address(tx, tenant, address);
    const SignInSettings settings = parse_sign_in_settings(owner->settings);
    ways.takes_passwords = settings.allows(AuthMethod::password);
    if (!settings.allows(AuthMethod::oidc)) return ways;
    const db::ListRequest usable{
        .filters = {{"status", "active"}}, .sort = "created_at", .limit = {}, .cursor = {}};
    for (IdentityProvider& one : list_providers(tx, tenant, usable).items)
        ways.providers.push_back({.id = std::move(one.id),
                                  .name = std::move(one.name),
                                  .is_on_this_machine = !one.issuer.starts_with("https://")});
    return ways;
}

}  // namespace

Task<BegunWebLogin> begin_web_login(Context& context, const http::Request& request, WebLoginWish wish) {
    const std::string base = http::base_address(request);
    if (base.empty())
        throw Problem(problems::not_found,
                      "There is no page to sign in at, since this server does not know its address.");
    const NewWebLogin wanted{.format = std::move(wish.format),
                             .repository = std::move(wish.repository),
                             .address = request.peer.address};
    auto insert = [&](Tx& tx) {
        return insert_web_login(tx, wish.tenant, wanted, context.identity->vault.mint);
    };
    IssuedWebLogin issued = co_await context.database->write(make_unit(request), insert);
    co_return BegunWebLogin{.page_url = base + "/web-login/" + wish.tenant.text() + '/' + issued.public_id,
                            .secret = std::move(issued.text)};
}

// Who has confirmed may have lost every right since, so all of it is asked again; the row goes in the
// transaction that makes the key, so that of two who ask at once one gets it.
Task<std::optional<IssuedKey>> collect_web_login(Context& context, const http::Request& request,
                                                 WebLoginVisit visit) {
    Identity& identity = *context.identity;
    auto find = [&](Tx& tx) {
        return find_web_login_by_text(tx, visit.tenant, visit.secret, identity.vault.hasher);
    };
    const std::optional<WebLogin> login = co_await context.database->read(make_unit(request), find);
    if (!login) refuse_ended();
    // Nobody reads the key that an answer to HEAD leaves out.
    if (!login->is_confirmed() || request.method == http::Method::head) co_return std::nullopt;
    auto person = co_await identity.gate.impersonate(visit.tenant, *login->user_id, request);
    if (!person) throw unauthenticated();
    co_await check_may_make_key(context, request, person);
    NewKey wanted;
    wanted.user_id = person->user;
    wanted.name = std::move(visit.name_of_key);
    auto make = [&](Tx& tx) -> std::optional<IssuedKey> {
        if (!take_web_login(tx, visit.tenant, login->public_id, person->user)) return std::nullopt;
        return issue_key(tx, visit.tenant, wanted, identity.vault.mint);
    };
    auto issued = co_await context.database->write(make_unit_of(*person, request), make);
    if (!issued) refuse_ended();
    co_return issued;
}

Task<WaysIn> list_ways_in(Context& context, const http::Request& request, const TenantId& tenant) {
    auto list = [&](Tx& tx) { return list_ways_in(tx, tenant, request.peer.address); };
    co_return co_await context.database->read(make_unit(request), list);
}

Task<std::optional<WebLogin>> find_web_login(Context& context, const http::Request& request,
                                             const TenantId& tenant) {
    auto find = [&](Tx& tx) { return find_web_login(tx, tenant, request.parameter("login")); };
    co_return co_await context.database->read(make_unit(request), find);
}

Task<std::string> confirm_web_login(Context& context, const http::Request& request, const WebLogin& login,
                                    SignedIn signed_in) {
    auto person = co_await end_session(context, request, std::move(signed_in));
    co_await check_may_make_key(context, request, person);
    auto confirm = [&](Tx& tx) { return confirm_web_login(tx, person->tenant, login, person->user); };
    if (!co_await context.database->write(make_unit_of(*person, request), confirm))
        throw Problem(problems::conflict, "This login is over, or was confirmed before. Begin again.");
    co_return person->name;
}

}  // namespace lodestone::identity
