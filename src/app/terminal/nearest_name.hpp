// "Did you mean …?": the known name that a mistyped one is closest to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lodestone::app {

// Nothing when no name is near enough that a person would have meant it: at most a third of the letters may
// differ, a swap of neighbours or a missing ending counting as one. Of equally near names the first wins.
std::optional<std::string_view> find_nearest_name(std::string_view name,
                                                  std::span<const std::string_view> known);

// "; did you mean X?" or nothing, to be put behind a sentence.
std::string render_suggestion(std::string_view name, std::span<const std::string_view> known);

}  // namespace lodestone::app
