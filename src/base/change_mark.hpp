// What a node tells others, with the name of who told it: everybody hears it, the teller too.
#pragma once

#include <optional>
#include <string>

namespace lodestone {

std::string mark_payload(const std::string& node, const std::string& payload);
// Nothing of what this node told itself; whole what bears no node's name.
std::optional<std::string> read_payload(const std::string& node, const std::string& marked);

}  // namespace lodestone
