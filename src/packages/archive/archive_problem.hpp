// Refusals of archives: one sentence each, that ends with what to do.
#pragma once

#include <string>
#include <string_view>

namespace lodestone::packages {

// "The archive " + what + ": make it anew and send it again." Problem(invalid_input).
[[noreturn]] void refuse_archive(std::string_view what, std::string internal = {});

// The name of an entry as messages show it: cut, and without what no terminal should be sent.
std::string show_path(std::string_view path);

}  // namespace lodestone::packages
