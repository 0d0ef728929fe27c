// New sessions as answers show them: each of their texts once.
#include "api/signed_in_view.hpp"

#include "identity/own_keys.hpp"

namespace lodestone::api {

Shown<SignedInView> show_signed_in(identity::SignedIn signed_in) {
    Shown<SignedInView> shown;
    SignedInView& view = shown.view;
    view.tenant_id = signed_in.tenant;
    view.user_id = signed_in.session.user_id;
    view.session_id = signed_in.session.id;
    view.access_token = ShownOnce{std::move(signed_in.access_text)};
    view.access_expires_at = signed_in.session.access_expires_at;
    view.refresh_token = ShownOnce{std::move(signed_in.refresh_text)};
    view.must_change_password = signed_in.duties.must_change_password;
    view.must_add_second_factor = signed_in.duties.must_add_second_factor;
    return shown;
}

Shown<SignedInView> show_signed_in(identity::SignInOutcome outcome) {
    if (outcome.signed_in) return show_signed_in(*std::move(outcome.signed_in));
    Shown<SignedInView> shown;
    shown.view.challenge = ShownOnce{std::move(outcome.challenge)};
    return shown;
}

identity::Visitor visitor_of(const Call& call) {
    return identity::visitor_of(call.request());
}

}  // namespace lodestone::api
