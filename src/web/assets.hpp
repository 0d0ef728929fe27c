// The console's files, as the build put them into the program: bundled, named by their hash, compressed.
#pragma once

#include <span>
#include <string_view>

#include "http/server/assets.hpp"

namespace lodestone::web {

// The page itself has the path "/"; every other path is /assets/<name>-<hash>.<ending> and never changes.
std::span<const http::Asset> console_assets();

// Null when there is no such file.
const http::Asset* find_asset(std::string_view path);

}  // namespace lodestone::web
