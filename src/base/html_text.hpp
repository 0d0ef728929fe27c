// Text of others in an HTML page of ours.
#pragma once

#include <string>
#include <string_view>

namespace lodestone {

// For what stands between tags and in quoted attributes; control characters become spaces.
std::string escape_html(std::string_view text);

}  // namespace lodestone
