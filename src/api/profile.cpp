// One's own name, e-mail address and telephone number. The address asks for the password: it is a name to
// sign in with, and where providers find people by it, whoever has it is somebody else.
#include "api/profile.hpp"

#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/user_view.hpp"
#include "base/problem.hpp"
#include "identity/nouns/identity_provider.hpp"
#include "identity/rules/principal.hpp"

namespace lodestone::api {

struct ProfileFields {
    Clearable<Text<limits::email_bytes>> email;
    std::optional<Text<limits::name_bytes, 0>> full_name;
    Clearable<Text<limits::phone_bytes>> phone_number;
};
BOOST_DESCRIBE_STRUCT(ProfileFields, (), (email, full_name, phone_number))

struct ProfileChange : ProfileFields {
    std::optional<SecretText> current_password;  // for another address
};
BOOST_DESCRIBE_STRUCT(ProfileChange, (ProfileFields), (current_password))

namespace {

using db::Tx;
using identity::User;

constexpr std::string_view kind = "user";

// Who asks, as a user.
struct Place {
    TenantId tenant;
    identity::UserId id;

    explicit Place(const Call& call) : tenant(call.principal().tenant), id(call.principal().user) {
        if (call.principal().kind != identity::PrincipalKind::person)
            throw Problem(problems::forbidden, "Only people have a profile.");
    }
    std::optional<User> operator()(Tx& tx) const { return identity::find_user(tx, tenant, id); }
};

Task<Shown<UserView>> show_profile(Call& call) {
    const Place place(call);
    co_return co_await show_found<UserView>(call, kind, place.id.text(), place);
}

Task<Acted<UserView>> change_profile(Call& call, ProfileChange change) {
    const Place place(call);
    std::optional<StandIn> stand_in;
    if (change.email.is_given)
        stand_in = co_await stand_in_for(call, place.tenant, place.id, std::move(change.current_password));
    auto update = [&](Tx& tx, User user) {
        if (stand_in) {
            stand_in->check(tx);
            identity::check_may_choose_email(tx, place.tenant);
        }
        apply<ProfileFields>(change, user);
        return identity::update_user(tx, place.tenant, std::move(user));
    };
    co_return co_await change_seen<UserView>(call, kind, place.id.text(), place, update);
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<show_profile>(get, "/api/v1/me/profile", of_oneself("user:read"), "showProfile",
                           "Shows one's own user."),
    endpoint<change_profile>(patch, "/api/v1/me/profile", of_oneself("profile:update"), "changeProfile",
                             "Changes one's own name, telephone number, or, with the password, address."),
};

}  // namespace

std::span<const Endpoint> profile_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
