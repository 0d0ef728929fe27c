// User identities over HTTP. Whose one is stands in its address, and one of another user is not there.
#include "api/user_identities.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/noun_calls.hpp"
#include "identity/nouns/user_identity.hpp"

namespace lodestone::api {

using identity::UserId;
using identity::UserIdentityId;

struct NewIdentityFields {
    Text<limits::name_bytes> provider;
    Text<limits::name_bytes> provider_id;
    Clearable<Text<limits::email_bytes>> email;
    Clearable<Text<limits::name_bytes>> username;
    std::optional<bool> is_verified;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(NewIdentityFields, (), (provider, provider_id, email, username, is_verified, metadata))

struct NewUserIdentity : NewIdentityFields {
    std::optional<SecretText> current_password;  // of one's own account
};
BOOST_DESCRIBE_STRUCT(NewUserIdentity, (NewIdentityFields), (current_password))

struct ChangedIdentityFields {
    Clearable<Text<limits::email_bytes>> email;
    Clearable<Text<limits::name_bytes>> username;
    std::optional<bool> is_verified;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(ChangedIdentityFields, (), (email, username, is_verified, metadata))

struct UserIdentityChange : ChangedIdentityFields {
    std::optional<SecretText> current_password;  // of one's own account
};
BOOST_DESCRIBE_STRUCT(UserIdentityChange, (ChangedIdentityFields), (current_password))

struct UserIdentityView : Stamped {
    UserIdentityId id;
    UserId user_id;
    std::string provider;
    std::string provider_id;
    std::optional<std::string> email;
    std::optional<std::string> username;
    bool is_verified = false;
    JsonObject metadata;
};
BOOST_DESCRIBE_STRUCT(UserIdentityView, (Stamped),
                      (id, user_id, provider, provider_id, email, username, is_verified, metadata))

struct UserIdentityFilters {
    static constexpr std::array<std::string_view, 2> sorts{"created_at", "-created_at"};
    SearchText provider;
};
BOOST_DESCRIBE_STRUCT(UserIdentityFilters, (), (provider))

struct KnownAsFilters {
    static constexpr std::array<std::string_view, 1> sorts{"id"};
    SearchText provider;
    SearchText provider_id;
};
BOOST_DESCRIBE_STRUCT(KnownAsFilters, (), (provider, provider_id))

namespace {

using db::Tx;
using identity::UserIdentity;

constexpr std::string_view kind = "identity";

// Where the call's identity is.
struct Place {
    TenantId tenant;
    UserId user;
    UserIdentityId id;

    explicit Place(const Call& call)
        : tenant(call.id<TenantId>("tenant")),
          user(call.id<UserId>("user")),
          id(call.id<UserIdentityId>("identity")) {}
    std::optional<UserIdentity> operator()(Tx& tx) const {
        auto found = identity::find_user_identity(tx, tenant, id);
        if (found && found->user_id != user) return std::nullopt;
        return found;
    }
};

Task<Created<UserIdentityView>> create_identity(Call& call, NewUserIdentity input) {
    const auto tenant = call.id<TenantId>("tenant");
    UserIdentity added;
    apply<NewIdentityFields>(input, added);
    added.id = call.new_id<UserIdentityId>();
    added.user_id = call.id<UserId>("user");
    const StandIn stand_in =
        co_await stand_in_for(call, tenant, added.user_id, std::move(input.current_password));
    auto make = [&](Tx& tx) {
        stand_in.check(tx);
        return make_view<UserIdentityView>(identity::insert_user_identity(tx, tenant, added));
    };
    co_return co_await call.create(make);
}

Task<Listed<UserIdentityView>> list_identities(Call& call, ListQuery<UserIdentityFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto user = call.id<UserId>("user");
    auto list = [&](Tx& tx) { return identity::list_user_identities(tx, tenant, user, query.request); };
    co_return co_await list_found<UserIdentityView>(call, list);
}

Task<Listed<UserIdentityView>> list_known_people(Call& call, ListQuery<KnownAsFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return identity::list_known_people(tx, tenant, query.request); };
    co_return co_await list_found<UserIdentityView>(call, list);
}

Task<Shown<UserIdentityView>> show_identity(Call& call) {
    const Place place(call);
    co_return co_await show_found<UserIdentityView>(call, kind, place.id.text(), place);
}

Task<Acted<UserIdentityView>> change_identity(Call& call, UserIdentityChange change) {
    const Place place(call);
    const StandIn stand_in =
        co_await stand_in_for(call, place.tenant, place.user, std::move(change.current_password));
    auto update = [&](Tx& tx, UserIdentity found) {
        stand_in.check(tx);
        apply<ChangedIdentityFields>(change, found);
        return identity::update_user_identity(tx, place.tenant, std::move(found));
    };
    co_return co_await change_seen<UserIdentityView>(call, kind, place.id.text(), place, update);
}

Task<Removed> delete_identity(Call& call) {
    const Place place(call);
    auto mark = [&](Tx& tx, UserIdentity found) {
        check_may_take_from(tx, call.principal(), place.tenant, place.user);
        identity::delete_user_identity(tx, place.tenant, std::move(found));
    };
    co_return co_await delete_seen(call, kind, place.id.text(), place, mark);
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_known_people>(get, "/api/v1/tenants/{tenant}/identities", in_tenant("user_identity:list"),
                                "listKnownPeople",
                                "Lists whom other providers know: who somebody is, by provider and "
                                "provider_id."),
    endpoint<list_identities>(get, "/api/v1/tenants/{tenant}/users/{user}/identities",
                              of_user("user_identity:list"), "listUserIdentities",
                              "Lists as whom other providers know a user."),
    endpoint<create_identity>(post, "/api/v1/tenants/{tenant}/users/{user}/identities",
                              in_tenant("user_identity:create"), "createUserIdentity",
                              "Notes as whom another provider knows a user."),
    endpoint<show_identity>(get, "/api/v1/tenants/{tenant}/users/{user}/identities/{identity}",
                            of_user("user_identity:read", "identity"), "showUserIdentity",
                            "Shows as whom another provider knows a user."),
    endpoint<change_identity>(patch, "/api/v1/tenants/{tenant}/users/{user}/identities/{identity}",
                              on("user_identity:update", "identity"), "changeUserIdentity",
                              "Changes the fields that are sent."),
    endpoint<delete_identity>(del, "/api/v1/tenants/{tenant}/users/{user}/identities/{identity}",
                              on("user_identity:delete", "identity"), "deleteUserIdentity",
                              "Forgets as whom another provider knows a user."),
};

}  // namespace

std::span<const Endpoint> user_identity_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
