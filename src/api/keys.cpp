// Keys over HTTP: a person's under the person, a robot's under its app, and all of a tenant's in one list. A
// key's text is in the one answer that makes it.
#include "api/keys.hpp"

#include <array>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/key_view.hpp"
#include "base/problem.hpp"
#include "identity/nouns/app.hpp"
#include "identity/rules/roles.hpp"

namespace lodestone::api {

using identity::AppId;
using identity::KeyId;
using identity::UserId;

struct NewKey {
    Text<limits::name_bytes> name;
    std::optional<identity::KeyType> type;
    std::optional<identity::KeyEnvironment> environment;
    std::optional<std::vector<ScopeInput>> scopes;
    std::optional<std::vector<Pattern>> networks;
    std::optional<JsonObject> metadata;
    std::optional<Time> expires_at;
};
BOOST_DESCRIBE_STRUCT(NewKey, (), (name, type, environment, scopes, networks, metadata, expires_at))

struct KeyChange {
    std::optional<Text<limits::name_bytes>> name;
    std::optional<std::vector<ScopeInput>> scopes;
    std::optional<std::vector<Pattern>> networks;
    std::optional<JsonObject> metadata;
    std::optional<Time> expires_at;
};
BOOST_DESCRIBE_STRUCT(KeyChange, (), (name, scopes, networks, metadata, expires_at))

struct KeyRotation {
    std::optional<Number<0, std::chrono::seconds(limits::key_overlap).count()>>
        overlap_seconds;  // how long the old one stays good; a day
};
BOOST_DESCRIBE_STRUCT(KeyRotation, (), (overlap_seconds))

struct KeyRevocation {
    std::optional<Text<limits::name_bytes, 0>> reason;
};
BOOST_DESCRIBE_STRUCT(KeyRevocation, (), (reason))

struct KeyFilters {
    static constexpr std::array<std::string_view, 2> sorts{"-created_at", "created_at"};
    std::optional<UserId> user_id;
    std::optional<AppId> app_id;
    std::optional<identity::KeyType> type;
    std::optional<identity::KeyEnvironment> environment;
    SearchText name;
};
BOOST_DESCRIBE_STRUCT(KeyFilters, (), (user_id, app_id, type, environment, name))

// Under a person or an app whose they are is said by the path.
struct OwnKeyFilters {
    static constexpr std::array<std::string_view, 2> sorts{"-created_at", "created_at"};
    std::optional<identity::KeyType> type;
    std::optional<identity::KeyEnvironment> environment;
    SearchText name;
};
BOOST_DESCRIBE_STRUCT(OwnKeyFilters, (), (type, environment, name))

namespace {

using db::Tx;
using identity::Key;

constexpr std::string_view kind = "key";

// Whose keys the path speaks of: a user's or an app's.
struct Owner {
    TenantId tenant;
    std::optional<UserId> user;
    std::optional<AppId> app;

    static Owner of_user(const Call& call) {
        return {call.id<TenantId>("tenant"), call.id<UserId>("user"), {}};
    }
    static Owner of_app(const Call& call) { return {call.id<TenantId>("tenant"), {}, call.id<AppId>("app")}; }
    bool has(const Key& key) const { return key.user_id == user && key.app_id == app; }
    // Where its keys are.
    std::string list() const {
        return "/api/v1/tenants/" + tenant.text() +
               (user ? "/users/" + user->text() : "/apps/" + app->text()) + "/keys";
    }
};

struct Place : Owner {
    KeyId id;

    Place(const Call& call, Owner owner) : Owner(std::move(owner)), id(call.id<KeyId>("key")) {}
    std::optional<Key> operator()(Tx& tx) const {
        auto found = identity::find_key(tx, tenant, id);
        if (found && !has(*found)) return std::nullopt;
        return found;
    }
};

// Whoever makes or changes a key could use it: a person's is for that person alone, and an app's may do in
// its app what robots may.
void check_may_use(Tx& tx, const Call& call, const Owner& owner) {
    if (owner.user) return check_may_have_keys_of(call.principal(), owner.tenant, *owner.user);
    const auto robot = identity::RoleId::trusted(std::string(identity::robot_role));
    check_may_give_role(tx, call.principal(), owner.tenant, owner.app, robot);
}

// When what is made with the key that was shown ends at the latest.
std::optional<Time> latest_end(const identity::Principal& who) {
    return who.key ? std::optional(who.key_terms.expires_at) : std::nullopt;
}

Task<Created<IssuedKeyView>> issue(Call& call, Owner owner, NewKey input) {
    const identity::Principal& maker = call.principal();
    identity::NewKey wanted;
    wanted.user_id = owner.user;
    wanted.app_id = owner.app;
    carry(input.name, wanted.name);
    carry(input.type, wanted.type);
    // What nothing is said about is as it is of the key that was shown.
    if (maker.key_terms.is_for_tests) wanted.environment = identity::KeyEnvironment::test;
    carry(input.environment, wanted.environment);
    wanted.scopes = input.scopes ? make_scopes(*input.scopes) : maker.scopes;
    wanted.networks = maker.key_terms.networks;
    carry(input.networks, wanted.networks);
    carry(input.metadata, wanted.metadata);
    wanted.expires_at = input.expires_at;
    wanted.ends_by = latest_end(maker);
    const GivenKey given{.scopes = wanted.scopes,
                         .networks = wanted.networks,
                         .expires_at = wanted.expires_at,
                         .environment = wanted.environment};
    check_may_give_key(maker, given);
    auto make = [&](Tx& tx) {
        check_may_use(tx, call, owner);
        return view_issued(identity::issue_key(tx, owner.tenant, wanted, call.mint()));
    };
    co_return co_await call.create(make);
}

Task<Listed<KeyView>> list(Call& call, TenantId tenant, db::ListRequest request) {
    auto find = [&](Tx& tx) { return identity::list_keys(tx, tenant, request); };
    const auto page = co_await call.read(find);
    co_return list_views<KeyView>(page, view_key);
}

Task<Shown<KeyView>> show(Call& call, Place place) {
    const auto found = co_await call.read(place);
    if (!found) db::refuse_absent(kind, place.id.text());
    co_return Shown<KeyView>{view_key(*found)};
}

Task<Shown<KeyView>> change(Call& call, Place place, KeyChange input) {
    const Expectation expectation = call.expectation();
    expectation.require(kind);
    identity::KeyChanges changes;
    if (input.name) changes.name = input.name->value;
    if (input.scopes) changes.scopes = make_scopes(*input.scopes);
    if (input.networks) carry(*input.networks, changes.networks.emplace());
    if (input.metadata) changes.metadata = input.metadata->text;
    changes.expires_at = input.expires_at;
    check_is_not_shown(call.principal(), place.id);
    auto update = [&](Tx& tx) {
        const Key seen = expectation.expect(place(tx), kind, place.id.text());
        check_may_use(tx, call, place);
        const GivenKey becomes{.scopes = changes.scopes ? changes.scopes : seen.find_scopes(),
                               .networks = changes.networks.value_or(seen.list_networks()),
                               .expires_at = changes.expires_at.value_or(seen.expires_at),
                               .environment = seen.environment};
        check_may_give_key(call.principal(), becomes);
        return view_key(identity::update_key(tx, place.tenant, place.id, seen.version, changes));
    };
    Shown<KeyView> shown{co_await call.write(update)};
    co_return shown;
}

Task<CreatedBeside<IssuedKeyView>> rotate(Call& call, Place place, KeyRotation input) {
    const std::chrono::seconds overlap =
        input.overlap_seconds ? std::chrono::seconds(input.overlap_seconds->value) : std::chrono::hours(24);
    auto run = [&](Tx& tx) {
        const Key seen = call.expectation().expect(place(tx), kind, place.id.text());
        check_may_use(tx, call, place);
        // The new one lives as long as this one was to, but with a key no longer than that one.
        const GivenKey given{.scopes = seen.find_scopes(),
                             .networks = seen.list_networks(),
                             .expires_at = std::nullopt,
                             .environment = seen.environment};
        check_may_give_key(call.principal(), given);
        const auto ends_by = latest_end(call.principal());
        return view_issued(identity::rotate_key(tx, place.tenant, place.id, overlap, call.mint(), ends_by));
    };
    Created<IssuedKeyView> created = co_await call.create_in(place.list(), run);
    co_return CreatedBeside<IssuedKeyView>{std::move(created)};
}

Task<Acted<KeyView>> revoke(Call& call, Place place, KeyRevocation input) {
    auto run = [&](Tx& tx) {
        call.expectation().expect(place(tx), kind, place.id.text());
        const std::string reason = input.reason ? input.reason->value : std::string();
        return view_key(identity::revoke_key(tx, place.tenant, place.id, reason));
    };
    KeyView view = co_await call.write(run);
    co_return Acted<KeyView>{{std::move(view)}};
}

Task<Listed<KeyView>> list_keys(Call& call, ListQuery<KeyFilters> query) {
    co_return co_await list(call, call.id<TenantId>("tenant"), std::move(query.request));
}

Task<Created<IssuedKeyView>> create_user_key(Call& call, NewKey input) {
    co_return co_await issue(call, Owner::of_user(call), std::move(input));
}
Task<Listed<KeyView>> list_user_keys(Call& call, ListQuery<OwnKeyFilters> query) {
    const Owner owner = Owner::of_user(call);
    query.request.filters.emplace_back("user_id", owner.user->text());
    co_return co_await list(call, owner.tenant, std::move(query.request));
}
Task<Shown<KeyView>> show_user_key(Call& call) {
    co_return co_await show(call, Place(call, Owner::of_user(call)));
}
Task<Shown<KeyView>> change_user_key(Call& call, KeyChange input) {
    co_return co_await change(call, Place(call, Owner::of_user(call)), std::move(input));
}
Task<CreatedBeside<IssuedKeyView>> rotate_user_key(Call& call, OptionalBody<KeyRotation> input) {
    co_return co_await rotate(call, Place(call, Owner::of_user(call)), input.input);
}
Task<Acted<KeyView>> revoke_user_key(Call& call, OptionalBody<KeyRevocation> input) {
    co_return co_await revoke(call, Place(call, Owner::of_user(call)), std::move(input.input));
}

Task<Created<IssuedKeyView>> create_app_key(Call& call, NewKey input) {
    co_return co_await issue(call, Owner::of_app(call), std::move(input));
}
Task<Listed<KeyView>> list_app_keys(Call& call, ListQuery<OwnKeyFilters> query) {
    const Owner owner = Owner::of_app(call);
    auto look = [&](Tx& tx) { identity::check_app_is_there(tx, owner.tenant, *owner.app); };
    co_await call.read(look);
    query.request.filters.emplace_back("app_id", owner.app->text());
    co_return co_await list(call, owner.tenant, std::move(query.request));
}
Task<Shown<KeyView>> show_app_key(Call& call) {
    co_return co_await show(call, Place(call, Owner::of_app(call)));
}
Task<Shown<KeyView>> change_app_key(Call& call, KeyChange input) {
    co_return co_await change(call, Place(call, Owner::of_app(call)), std::move(input));
}
Task<CreatedBeside<IssuedKeyView>> rotate_app_key(Call& call, OptionalBody<KeyRotation> input) {
    co_return co_await rotate(call, Place(call, Owner::of_app(call)), input.input);
}
Task<Acted<KeyView>> revoke_app_key(Call& call, OptionalBody<KeyRevocation> input) {
    co_return co_await revoke(call, Place(call, Owner::of_app(call)), std::move(input.input));
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_keys>(get, "/api/v1/tenants/{tenant}/keys", in_tenant("key:list"), "listKeys",
                        "Lists the keys of a tenant, without their texts."),
    endpoint<list_user_keys>(get, "/api/v1/tenants/{tenant}/users/{user}/keys", of_user("key:list"),
                             "listUserKeys", "Lists a person's keys."),
    endpoint<create_user_key>(post, "/api/v1/tenants/{tenant}/users/{user}/keys", of_user("key:create"),
                              "createUserKey", "Makes a key of one's own; its text is shown once."),
    endpoint<show_user_key>(get, "/api/v1/tenants/{tenant}/users/{user}/keys/{key}",
                            of_user("key:read", "key"), "showUserKey", "Shows a person's key."),
    endpoint<change_user_key>(patch, "/api/v1/tenants/{tenant}/users/{user}/keys/{key}",
                              of_user("key:update", "key"), "changeUserKey",
                              "Changes the fields that are sent."),
    endpoint<rotate_user_key>(post, "/api/v1/tenants/{tenant}/users/{user}/keys/{key}/rotate",
                              of_user("key:rotate", "key"), "rotateUserKey",
                              "Makes a key like this one, which ends after the overlap."),
    endpoint<revoke_user_key>(post, "/api/v1/tenants/{tenant}/users/{user}/keys/{key}/revoke",
                              of_user("key:revoke", "key"), "revokeUserKey",
                              "Makes a key worthless, at once and for good."),
    endpoint<list_app_keys>(get, "/api/v1/tenants/{tenant}/apps/{app}/keys", in_app("key:list"),
                            "listAppKeys", "Lists an app's keys."),
    endpoint<create_app_key>(post, "/api/v1/tenants/{tenant}/apps/{app}/keys", in_app("key:create"),
                             "createAppKey", "Makes a key for a robot; its text is shown once."),
    endpoint<show_app_key>(get, "/api/v1/tenants/{tenant}/apps/{app}/keys/{key}", in_app("key:read", "key"),
                           "showAppKey", "Shows an app's key."),
    endpoint<change_app_key>(patch, "/api/v1/tenants/{tenant}/apps/{app}/keys/{key}",
                             in_app("key:update", "key"), "changeAppKey",
                             "Changes the fields that are sent."),
    endpoint<rotate_app_key>(post, "/api/v1/tenants/{tenant}/apps/{app}/keys/{key}/rotate",
                             in_app("key:rotate", "key"), "rotateAppKey",
                             "Makes a key like this one, which ends after the overlap."),
    endpoint<revoke_app_key>(post, "/api/v1/tenants/{tenant}/apps/{app}/keys/{key}/revoke",
                             in_app("key:revoke", "key"), "revokeAppKey",
                             "Makes a key worthless, at once and for good."),
};

}  // namespace

std::span<const Endpoint> key_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
