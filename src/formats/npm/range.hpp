// Ranges of versions: ">=1.2 <2 || 3.x". Clients take what is a range for one wherever a tag could stand,
// too. https://github.com/npm/node-semver#ranges
#pragma once

#include <string_view>

namespace lodestone::formats::npm {

bool is_range(std::string_view text);

}  // namespace lodestone::formats::npm
