// What somebody gets who has signed in, by whichever way; and from where they ask.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>

#include "api/noun_calls.hpp"
#include "identity/sign_in/sign_in.hpp"

namespace lodestone::api {

// Either the tokens, or the challenge to which a code is still to come.
struct SignedInView {
    std::optional<TenantId> tenant_id;
    std::optional<identity::UserId> user_id;
    std::optional<identity::SessionId> session_id;
    std::optional<ShownOnce> access_token;
    std::optional<Time> access_expires_at;
    std::optional<ShownOnce> refresh_token;
    std::optional<ShownOnce> challenge;
    bool must_change_password = false;
    bool must_add_second_factor = false;
};
BOOST_DESCRIBE_STRUCT(SignedInView, (),
                      (tenant_id, user_id, session_id, access_token, access_expires_at, refresh_token,
                       challenge, must_change_password, must_add_second_factor))

Shown<SignedInView> show_signed_in(identity::SignedIn signed_in);
Shown<SignedInView> show_signed_in(identity::SignInOutcome outcome);
identity::Visitor visitor_of(const Call& call);

}  // namespace lodestone::api
