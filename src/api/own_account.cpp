// One's own password and second factor over HTTP. Both ask for the password again: a stolen session is not
// enough.
#include "api/own_account.hpp"

#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/signed_in_view.hpp"
#include "base/problem.hpp"
#include "identity/rules/principal.hpp"
#include "identity/sign_in/change_password.hpp"
#include "identity/sign_in/second_factor.hpp"

namespace lodestone::api {

struct OwnPasswordChange {
    SecretText current_password;
    SecretText new_password;
};
BOOST_DESCRIBE_STRUCT(OwnPasswordChange, (), (current_password, new_password))

struct PasswordAgain {
    SecretText password;
};
BOOST_DESCRIBE_STRUCT(PasswordAgain, (), (password))

struct FactorConfirmation {
    SecretText code;
};
BOOST_DESCRIBE_STRUCT(FactorConfirmation, (), (code))

struct SecondFactorOfferView {
    ShownOnce secret;
    ShownOnce url;
};
BOOST_DESCRIBE_STRUCT(SecondFactorOfferView, (), (secret, url))

struct RecoveryCodesView {
    std::vector<ShownOnce> recovery_codes;
};
BOOST_DESCRIBE_STRUCT(RecoveryCodesView, (), (recovery_codes))

namespace {

const identity::Principal& person_of(const Call& call) {
    const identity::Principal& who = call.principal();
    if (who.kind == identity::PrincipalKind::person) return who;
    throw Problem(problems::forbidden, "Only people have a password and a second factor.");
}

identity::SecondFactorRequest make_request(const Call& call, PasswordAgain input) {
    const identity::Principal& who = person_of(call);
    return {.tenant = who.tenant,
            .user = who.user,
            .password = std::move(input.password.value),
            .visitor = visitor_of(call)};
}

Task<Done> change_password(Call& call, OwnPasswordChange input) {
    const identity::Principal& who = person_of(call);
    identity::PasswordChange change{.tenant = who.tenant,
                                    .user = who.user,
                                    .session = who.session,
                                    .current_password = std::move(input.current_password.value),
                                    .new_password = std::move(input.new_password.value),
                                    .visitor = visitor_of(call)};
    co_await identity::change_password(call.vault(), call.database(), std::move(change), call.unit());
    co_return Done{};
}

Task<Shown<SecondFactorOfferView>> offer(Call& call, PasswordAgain input) {
    auto offer = co_await identity::offer_second_factor(call.vault(), call.database(),
                                                        make_request(call, std::move(input)), call.unit());
    co_return Shown<SecondFactorOfferView>{{{std::move(offer.secret)}, {std::move(offer.url)}}};
}

Shown<RecoveryCodesView> view(std::vector<std::string> codes) {
    Shown<RecoveryCodesView> shown;
    for (std::string& code : codes) shown.view.recovery_codes.push_back({std::move(code)});
    return shown;
}

Task<Shown<RecoveryCodesView>> confirm(Call& call, FactorConfirmation input) {
    const identity::Principal& who = person_of(call);
    if (!who.session)
        throw Problem(problems::forbidden, "Sign in with a password for this; a key does not do.");
    identity::OfferConfirmation confirmation{.tenant = who.tenant,
                                             .user = who.user,
                                             .session = *who.session,
                                             .code = std::move(input.code.value),
                                             .visitor = visitor_of(call)};
    co_return view(co_await identity::confirm_offer(call.vault(), call.database(), std::move(confirmation),
                                                    call.unit()));
}

Task<Shown<RecoveryCodesView>> renew_codes(Call& call, PasswordAgain input) {
    co_return view(co_await identity::renew_recovery_codes(
        call.vault(), call.database(), make_request(call, std::move(input)), call.unit()));
}

Task<Done> drop(Call& call, PasswordAgain input) {
    co_await identity::drop_second_factor(call.vault(), call.database(), make_request(call, std::move(input)),
                                          call.unit());
    co_return Done{};
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<change_password>(put, "/api/v1/me/password", of_oneself("password:change"), "changeOwnPassword",
                              "Changes one's password; all other sessions end."),
    endpoint<offer>(post, "/api/v1/me/second-factor", of_oneself("second_factor:change"), "offerSecondFactor",
                    "Makes a secret for an authenticator app."),
    endpoint<confirm>(post, "/api/v1/me/second-factor/confirm", of_oneself("second_factor:change"),
                      "confirmSecondFactor", "Turns the second factor on, and shows recovery codes."),
    endpoint<renew_codes>(post, "/api/v1/me/second-factor/recovery-codes", of_oneself("second_factor:change"),
                          "renewRecoveryCodes", "Makes new recovery codes for the old ones."),
    endpoint<drop>(post, "/api/v1/me/second-factor/remove", of_oneself("second_factor:change"),
                   "dropSecondFactor", "Turns the second factor off."),
};

}  // namespace

std::span<const Endpoint> own_account_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
