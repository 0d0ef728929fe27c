// Signing in, once, for a key.
#include "formats/npm/password.hpp"

#include "base/problem.hpp"
#include "db/database.hpp"
#include "identity/identity.hpp"
#include "identity/sign_in/sign_in.hpp"

namespace lodestone::formats::npm {

using http::Request;

namespace {

identity::SignInRequest describe(const Request& request, PasswordLogin login) {
    return {.tenant = std::move(login.tenant),
            .account = std::move(login.account),
            .password = std::move(login.password),
            .code = std::string(request.header("npm-otp").value_or("")),
            .visitor = identity::visitor_of(request)};
}

// Clients know by the header that a code is asked for, ask for it and send the same again.
[[noreturn]] void ask_for_code() {
    throw Problem(problems::unauthenticated,
                  "A one-time password is needed: send it as npm-otp, as the option --otp does.")
        .with_header("WWW-Authenticate", "OTP");
}

}  // namespace

Task<std::shared_ptr<const identity::Principal>> check_password(Context& context, const Request& request,
                                                                PasswordLogin login) {
    identity::SignInOutcome outcome =
        co_await identity::sign_in(context.identity->vault, *context.database,
                                   describe(request, std::move(login)), identity::make_unit(request));
    if (!outcome.signed_in) ask_for_code();
    co_return co_await identity::end_session(context, request, *std::move(outcome.signed_in));
}

}  // namespace lodestone::formats::npm
