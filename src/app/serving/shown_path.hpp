// The path of a request as logs and collectors may see it: some protocols put keys into paths, and whoever
// reads a log is not to have them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lodestone::app {

// With three asterisks in place of every segment that is a key, a session or a link that works once, however
// it is escaped. Nothing: there is none, and the path may be shown as it is.
std::optional<std::string> mask_tokens(std::string_view raw_path);

}  // namespace lodestone::app
