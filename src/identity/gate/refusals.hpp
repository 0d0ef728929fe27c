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
Problem expired_ticket();
Problem contradictory_credentials();
Problem not_the_operator(bool has_shown_something);
Problem cannot_tell();  // 503: there is nobody who knows
Problem refusal(const Decision& decision, const Principal& principal);

// Of a credential whose secret was right: what is wrong with it now, or with where it is shown. `origin`: the
// web page that shows it, if it is one.
std::optional<Problem> find_fault(const KnownCredential& known, Time now, std::string_view peer,
                                  std::string_view origin);
Problem too_many(const KnownCredential::NamedPace& exceeded, std::chrono::seconds wait);

}  // namespace lodestone::identity
