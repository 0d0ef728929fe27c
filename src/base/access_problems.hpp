// The part of the catalogue that says what somebody who is known has to do, or from where: each has a code of
// its own, since clients do something about it.
#pragma once

#include "base/problem.hpp"

namespace lodestone::problems {

inline constexpr ProblemKind password_change_required{"password-change-required", 403,
                                                      "Password change required"};
inline constexpr ProblemKind second_factor_required{"second-factor-required", 403, "Second factor required"};
inline constexpr ProblemKind address_not_allowed{"address-not-allowed", 403, "Address not allowed"};

}  // namespace lodestone::problems
