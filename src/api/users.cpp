// Users over HTTP. Names and e-mail addresses are asked for in the query and never in a path: paths are
// logged.
#include "api/users.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/noun_calls.hpp"
#include "api/user_view.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::api {

using identity::UserId;

struct NewUser {
    std::optional<UserId> id;
    Text<limits::username_bytes> username;
    Clearable<Text<limits::email_bytes>> email;
    std::optional<Text<limits::name_bytes, 0>> full_name;
    Clearable<Text<limits::phone_bytes>> phone_number;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(NewUser, (), (id, username, email, full_name, phone_number, metadata))

struct ChangedUserFields {
    std::optional<Text<limits::username_bytes>> username;
    Clearable<Text<limits::email_bytes>> email;
    std::optional<Text<limits::name_bytes, 0>> full_name;
    Clearable<Text<limits::phone_bytes>> phone_number;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(ChangedUserFields, (), (username, email, full_name, phone_number, metadata))

struct UserChange : ChangedUserFields {
    std::optional<SecretText> current_password;  // of one's own account
};
BOOST_DESCRIBE_STRUCT(UserChange, (ChangedUserFields), (current_password))

// `username` is what it begins with, `email` the whole of it.
struct UserFilters {
    static constexpr std::array<std::string_view, 3> sorts{"username", "created_at", "-created_at"};
    std::optional<identity::UserStatus> status;
    SearchText username;
    SearchText email;
    SearchText search;
};
BOOST_DESCRIBE_STRUCT(UserFilters, (), (status, username, email, search))

namespace {

using db::Tx;
using identity::User;

constexpr std::string_view kind = "user";

// Where the call's user is.
struct Place {
    TenantId tenant;
    UserId id;

    explicit Place(const Call& call) : tenant(call.id<TenantId>("tenant")), id(call.id<UserId>("user")) {}
    std::optional<User> operator()(Tx& tx) const { return identity::find_user(tx, tenant, id); }
};

Task<Created<UserView>> create_user(Call& call, NewUser input) {
    const auto tenant = call.id<TenantId>("tenant");
    User user;
    apply(input, user);
    user.id = call.new_id(input.id);
    auto make = [&](Tx& tx) { return make_view<UserView>(identity::insert_user(tx, tenant, user)); };
    co_return co_await call.create(make);
}

Task<Listed<UserView>> list_users(Call& call, ListQuery<UserFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return identity::list_users(tx, tenant, query.request); };
    co_return co_await list_found<UserView>(call, list);
}

Task<Shown<UserView>> show_user(Call& call) {
    const Place place(call);
    co_return co_await show_found<UserView>(call, kind, place.id.text(), place);
}

Task<Acted<UserView>> change_user(Call& call, UserChange change) {
    const Place place(call);
    const StandIn stand_in =
        co_await stand_in_for(call, place.tenant, place.id, std::move(change.current_password));
    auto update = [&](Tx& tx, User user) {
        stand_in.check(tx);
        apply<ChangedUserFields>(change, user);
        return identity::update_user(tx, place.tenant, std::move(user));
    };
    co_return co_await change_seen<UserView>(call, kind, place.id.text(), place, update);
}

Task<Acted<UserView>> suspend_user(Call& call) {
    const Place place(call);
    auto suspend = [&](Tx& tx, const User& user) {
        return identity::suspend_user(tx, place.tenant, user.id);
    };
    co_return co_await act_on_seen<UserView>(call, kind, place.id.text(), place, suspend);
}

Task<Acted<UserView>> activate_user(Call& call) {
    const Place place(call);
    auto activate = [&](Tx& tx, const User& user) {
        return identity::activate_user(tx, place.tenant, user.id);
    };
    co_return co_await act_on_seen<UserView>(call, kind, place.id.text(), place, activate);
}

Task<Removed> delete_user(Call& call) {
    const Place place(call);
    auto mark = [&](Tx& tx, User user) { identity::delete_user(tx, place.tenant, std::move(user)); };
    co_return co_await delete_seen(call, kind, place.id.text(), place, mark);
}

Task<Shown<UserView>> restore_user(Call& call) {
    const Place place(call);
    auto restore = [&](Tx& tx) {
        return make_view<UserView>(identity::restore_user(tx, place.tenant, place.id));
    };
    Shown<UserView> shown{co_await call.write(restore)};
    co_return shown;
}

using enum http::Method;

constexpr Access may(std::string_view permission) {
    return Access::needs(permission, {.id = "user", .owner = "user"});
}

constexpr Endpoint endpoints[] = {
    endpoint<list_users>(get, "/api/v1/tenants/{tenant}/users", in_tenant("user:list"), "listUsers",
                         "Lists the users of a tenant, or the one of a username or an e-mail address."),
    endpoint<create_user>(post, "/api/v1/tenants/{tenant}/users", in_tenant("user:create"), "createUser",
                          "Makes a user."),
    endpoint<show_user>(get, "/api/v1/tenants/{tenant}/users/{user}", may("user:read"), "showUser",
                        "Shows a user."),
    endpoint<change_user>(patch, "/api/v1/tenants/{tenant}/users/{user}", may("user:update"), "changeUser",
                          "Changes the fields that are sent."),
    endpoint<delete_user>(del, "/api/v1/tenants/{tenant}/users/{user}", may("user:delete"), "deleteUser",
                          "Deletes a user; it can be restored until it is purged."),
    endpoint<restore_user>(post, "/api/v1/tenants/{tenant}/users/{user}/restore", may("user:restore"),
                           "restoreUser", "Brings a deleted user back."),
    endpoint<suspend_user>(post, "/api/v1/tenants/{tenant}/users/{user}/suspend", may("user:suspend"),
                           "suspendUser", "Keeps a user out, from the next request on."),
    endpoint<activate_user>(post, "/api/v1/tenants/{tenant}/users/{user}/activate", may("user:suspend"),
                            "activateUser", "Lets a suspended user work again."),
};

}  // namespace

std::span<const Endpoint> user_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
