// Becoming a user over HTTP: with an invitation, or by registering where the tenant lets anybody. Both are
// open, and both end signed in.
#include "api/joining.hpp"

#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/signed_in_view.hpp"
#include "base/limits.hpp"
#include "identity/sign_in/joining.hpp"

namespace lodestone::api {

struct NewAccount {
    Text<limits::username_bytes> username;
    std::optional<Text<limits::email_bytes>> email;
    std::optional<Text<limits::name_bytes, 0>> full_name;
    SecretText password;
};
BOOST_DESCRIBE_STRUCT(NewAccount, (), (username, email, full_name, password))

struct InvitedAccount : NewAccount {
    SecretText invitation;
};
BOOST_DESCRIBE_STRUCT(InvitedAccount, (NewAccount), (invitation))

namespace {

identity::Newcomer make_newcomer(const Call& call, NewAccount account) {
    identity::Newcomer newcomer;
    newcomer.username = std::move(account.username.value);
    if (account.email) newcomer.email = std::move(account.email->value);
    if (account.full_name) newcomer.full_name = std::move(account.full_name->value);
    newcomer.password = std::move(account.password.value);
    newcomer.visitor = visitor_of(call);
    return newcomer;
}

Task<Shown<SignedInView>> accept_invitation(Call& call, InvitedAccount input) {
    std::string invitation = std::move(input.invitation.value);
    identity::Newcomer newcomer = make_newcomer(call, std::move(input));
    co_return show_signed_in(co_await identity::accept_invitation(
        call.vault(), call.database(), std::move(invitation), std::move(newcomer), call.unit()));
}

Task<Shown<SignedInView>> register_user(Call& call, NewAccount input) {
    auto tenant = call.id<TenantId>("tenant");
    identity::Newcomer newcomer = make_newcomer(call, std::move(input));
    co_return show_signed_in(co_await identity::register_user(
        call.vault(), call.database(), std::move(tenant), std::move(newcomer), call.unit()));
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<accept_invitation>(post, "/api/v1/accept-invitation", Access::open, "acceptInvitation",
                                "Makes whoever has an invitation a user, and signs them in."),
    endpoint<register_user>(post, "/api/v1/tenants/{tenant}/register", Access::open, "register",
                            "Makes a user of a tenant that lets anybody register, and signs them in."),
};

}  // namespace

std::span<const Endpoint> joining_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
