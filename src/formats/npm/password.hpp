// What clients send with a name and a password becomes a key: they keep what they get for months, and a
// session ends after minutes. Whoever gets one has signed in as in the console, with the second factor where
// there is one, and may make keys.
#pragma once

#include <memory>
#include <string>

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "identity/own_keys.hpp"

namespace lodestone::formats::npm {

struct PasswordLogin {
    TenantId tenant;
    std::string account;  // a user name or an e-mail address
    std::string password;
};

// Who it is, as if by a session. Throws what signing in throws, and what clients take for the question for a
// code (the header npm-otp).
Task<std::shared_ptr<const identity::Principal>> check_password(Context& context,
                                                                const http::Request& request,
                                                                PasswordLogin login);

}  // namespace lodestone::formats::npm
