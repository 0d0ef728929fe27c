// What stands between the password and the second factor: a sealed note for the client that the password was
// right, good for minutes and for what the sign-in was begun for, kept nowhere. It ends when the password is
// changed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "identity/nouns/session.hpp"
#include "identity/secrets/sealed.hpp"

namespace lodestone::identity {

struct Challenge {
    TenantId tenant;
    UserId user;
    std::string account;  // as it was typed: whose failures are counted
    SignInMethod method = SignInMethod::password;
    Time made_at{};
    std::optional<Time> password_changed_at;
    std::string goes_on_at{};  // the page of ours that asks for the code; empty: the API

    bool operator==(const Challenge&) const = default;
};

std::string seal_challenge(const Challenge& challenge, const Sealer& sealer, Random& random);
// Nothing when it is none of ours, or too old.
std::optional<Challenge> open_challenge(std::string_view text, const Sealer& sealer, Time now);

}  // namespace lodestone::identity
