// Signing in over HTTP. All of it is open: what is sent is what is checked. Sessions are shown as Bearer
// tokens and never as cookies, so no other site can use them.
#include "api/sign_in.hpp"

#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/signed_in_view.hpp"
#include "base/limits.hpp"
#include "identity/sign_in/change_password.hpp"
#include "identity/sign_in/leaked_token.hpp"
#include "identity/sign_in/refresh.hpp"
#include "identity/sign_in/sign_in.hpp"

namespace lodestone::api {

struct SignIn {
    TenantId tenant_id;
    Text<limits::email_bytes> account;  // a user name or an e-mail address
    SecretText password;
    std::optional<SecretText> code;
};
BOOST_DESCRIBE_STRUCT(SignIn, (), (tenant_id, account, password, code))

struct SecondFactor {
    SecretText challenge;
    SecretText code;
};
BOOST_DESCRIBE_STRUCT(SecondFactor, (), (challenge, code))

struct Refresh {
    SecretText refresh_token;
};
BOOST_DESCRIBE_STRUCT(Refresh, (), (refresh_token))

struct SignOut {
    SecretText token;
};
BOOST_DESCRIBE_STRUCT(SignOut, (), (token))

struct PasswordReset {
    SecretText link;
    SecretText new_password;
};
BOOST_DESCRIBE_STRUCT(PasswordReset, (), (link, new_password))

struct LeakReport {
    SecretText text;
};
BOOST_DESCRIBE_STRUCT(LeakReport, (), (text))

namespace {

Task<Shown<SignedInView>> sign_in(Call& call, SignIn input) {
    identity::SignInRequest request{.tenant = input.tenant_id,
                                    .account = std::move(input.account.value),
                                    .password = std::move(input.password.value),
                                    .code = input.code ? std::move(input.code->value) : std::string(),
                                    .visitor = visitor_of(call)};
    auto outcome = co_await identity::sign_in(call.vault(), call.database(), std::move(request), call.unit());
    co_return show_signed_in(std::move(outcome));
}

Task<Shown<SignedInView>> prove_second_factor(Call& call, SecondFactor input) {
    identity::SecondFactorProof proof{.challenge = std::move(input.challenge.value),
                                      .code = std::move(input.code.value),
                                      .visitor = visitor_of(call)};
    auto signed_in =
        co_await identity::prove_second_factor(call.vault(), call.database(), std::move(proof), call.unit());
    co_return show_signed_in(std::move(signed_in));
}

Task<Shown<SignedInView>> refresh(Call& call, Refresh input) {
    auto signed_in = co_await identity::refresh_session(
        call.vault(), call.database(), std::move(input.refresh_token.value), visitor_of(call), call.unit());
    co_return show_signed_in(std::move(signed_in));
}

Task<Done> sign_out(Call& call, SignOut input) {
    co_await identity::sign_out(call.vault(), call.database(), std::move(input.token.value), call.unit());
    co_return Done{};
}

Task<Done> reset_password(Call& call, PasswordReset input) {
    identity::PasswordReset reset{.link = std::move(input.link.value),
                                  .new_password = std::move(input.new_password.value),
                                  .visitor = visitor_of(call)};
    co_await identity::reset_password(call.vault(), call.database(), std::move(reset), call.unit());
    co_return Done{};
}

// The answer is the same whether it was one of ours: whoever has the text could as well have used it.
Task<Done> report_leak(Call& call, LeakReport report) {
    co_await identity::revoke_leaked_token(call.vault(), call.database(), std::move(report.text.value),
                                           call.unit());
    co_return Done{};
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<sign_in>(post, "/api/v1/sign-in", Access::open, "signIn",
                      "Opens a session with a password, or asks for the second factor."),
    endpoint<prove_second_factor>(post, "/api/v1/sign-in/second-factor", Access::open, "proveSecondFactor",
                                  "Opens the session that waited for a code."),
    endpoint<refresh>(post, "/api/v1/sign-in/refresh", Access::open, "refreshSession",
                      "Gives new tokens for a refresh token, which works once."),
    endpoint<sign_out>(post, "/api/v1/sign-out", Access::open, "signOut",
                       "Ends the session of an access or refresh token."),
    endpoint<reset_password>(post, "/api/v1/reset-password", Access::open, "resetPassword",
                             "Sets a password with the link that an administrator made."),
    endpoint<report_leak>(post, "/api/v1/leaked-tokens", Access::open, "reportLeakedToken",
                          "Revokes a key or token that was found where it should not be."),
};

}  // namespace

std::span<const Endpoint> sign_in_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
