// Keys that people get by signing in once, as clients do that are at a terminal: the session is opened for
// that alone, and the key is their own.
#pragma once

#include <memory>

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "identity/nouns/key.hpp"
#include "identity/rules/principal.hpp"
#include "identity/rules/resource.hpp"
#include "identity/sign_in/open_session.hpp"

namespace lodestone::identity {

// What permissions on somebody's own keys are asked about.
Resource own_keys_of(const Principal& person);

// From where, and by what, somebody signs in.
Visitor visitor_of(const http::Request& request);

// Who has signed in, as if by that session, which ends. Refuses, with Problem(forbidden), who has something
// to do in the console first.
Task<std::shared_ptr<const Principal>> end_session(Context& context, const http::Request& request,
                                                   SignedIn signed_in);

// Refuses, with Problem(forbidden), who may make no keys of their own.
Task<> check_may_make_key(Context& context, const http::Request& request,
                          std::shared_ptr<const Principal> person);

// Of that person's own: `wanted` without an owner. Refuses like the one before.
Task<IssuedKey> make_own_key(Context& context, const http::Request& request,
                             std::shared_ptr<const Principal> person, NewKey wanted);

// The unit of work that makes one, where somebody else's request does it for them.
db::Unit make_unit_of(const Principal& person, const http::Request& request);

}  // namespace lodestone::identity
