// What the gate says to whoever it does not let through. None of it tells whether something of another tenant
// is there, and none repeats what was shown.
#pragma once

#include <optional>
#include <string_view>

#include "base/problem.hpp"
#include "identity/gate/principal_records.hpp"
#include "identity/rules/decide.hpp"

namespace lodestone::identity {

Problem unauthenticated();
Problem invalid_credential();
Problem contradictory_credentials();
Problem not_the_operator(bool has_shown_something);
Problem cannot_tell();  // 503: there is nobody who knows
Problem refusal(const Decision& decision, const Principal& principal);

// Of a credential whose secret was right: what is wrong with it now, or with where it is shown.
std::optional<Problem> find_fault(const KnownCredential& known, Time now, std::string_view peer);

}  // namespace lodestone::identity
