// What is kept of a staged publication besides its row: all that publish() has to know, so that whoever
// approves it need not send it again. The program's own JSON; nobody else writes or reads it.
#pragma once

#include <string>
#include <string_view>

#include "packages/publish.hpp"

namespace lodestone::packages {

// Without its place, its names, and what is code: who approves says those.
std::string render_staged_content(const Publication& publication);
// Into one that has these. What render_staged_content() did not write is a broken world: it throws.
void parse_staged_content(std::string_view content, Publication& into);

}  // namespace lodestone::packages
