// What clients send with a name and a password becomes a key: they keep what they get for months, and a
// session ends after minutes. Whoever gets one has signed in as in the console, with the second factor where
// there is one, and may make keys.
#pragma once

#include <string>

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "identity/nouns/key.hpp"
#include "identity/rules/principal.hpp"

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

// Of that person's own: `wanted` without an owner. Refuses, with Problem(forbidden), who may make none.
Task<identity::IssuedKey> make_own_key(Context& context, const http::Request& request,
                                       std::shared_ptr<const identity::Principal> person,
                                       identity::NewKey wanted);

// What permissions on somebody's own keys are asked about.
identity::Resource own_keys_of(const identity::Principal& person);

}  // namespace lodestone::formats::npm
