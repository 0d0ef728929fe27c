// What a tenant's settings say of a session: whether it is good at all, and what somebody has to do before
// it is good for anything else. The gate enforces both, and whoever signs in is told at once.
#pragma once

#include <optional>

#include "base/clock.hpp"
#include "identity/nouns/session.hpp"
#include "identity/nouns/sign_in_settings.hpp"

namespace lodestone::identity {

// By which of the methods that a tenant may rule out a session began. Whoever joins, or has a reset link,
// chooses a password.
AuthMethod auth_method_of(SignInMethod method);

struct Duties {
    bool must_change_password = false;
    bool must_add_second_factor = false;
    bool operator==(const Duties&) const = default;
};

struct SessionFacts {
    SignInMethod method = SignInMethod::password;
    bool has_second_factor = false;     // this session has shown one
    bool must_change_password = false;  // somebody else chose it
    std::optional<Time> password_changed_at;
};

// How old a password is, is nothing to whoever came without it.
Duties find_duties(const SessionFacts& facts, const SignInSettings& settings, Time now);

}  // namespace lodestone::identity
