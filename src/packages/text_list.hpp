// Lists of texts as they stand in a column: JSON.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::packages {

std::string render_text_list(std::span<const std::string> texts);
// The texts of what render_text_list() wrote; of anything else those that can be read.
std::vector<std::string> list_texts(std::string_view stored);

}  // namespace lodestone::packages
