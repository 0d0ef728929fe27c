// Codes on paper, for whoever has lost the second factor: each works once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"

namespace lodestone::identity {

// "7kq2-x9fm-4c0d-t8ez": 80 bits, in letters and digits that are not mistaken for each other.
std::string make_recovery_code(Random& random);
std::vector<std::string> make_recovery_codes(Random& random);

// What somebody copied from paper, as it was made: capitals, spaces and missing hyphens are forgiven, and so
// are O for 0 and I or L for 1. Nothing when it cannot be a code.
std::optional<std::string> parse_recovery_code(std::string_view text);

}  // namespace lodestone::identity
