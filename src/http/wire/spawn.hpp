// Starting a coroutine that nobody awaits. What it throws would be lost, or end the program without a word:
// here somebody hears of it.
#pragma once

#include <functional>
#include <string_view>

#include "base/task.hpp"

namespace lodestone::http {

// `on_failure` is called on the loop, with what was thrown in words.
void spawn(LoopExecutor executor, Task<> task, std::function<void(std::string_view)> on_failure);

// For what the server is nothing without: its failure ends the process, and standard error says why.
void spawn_vital(LoopExecutor executor, Task<> task, std::string_view name);

}  // namespace lodestone::http
