// The console: its page and files, with the headers that keep a browser from doing anything else.
#pragma once

#include <span>
#include <string_view>

#include "http/server/router.hpp"

namespace lodestone::web {

// Where whoever has a reset link chooses a password: the link's text stands behind a #, which no server sees.
inline constexpr std::string_view reset_page = "/reset-password";

// The page at each of its addresses, and GET /assets/{file}. Open to all: the page holds no secrets, what it
// shows it asks the API for.
std::span<const http::Route> console_routes();

}  // namespace lodestone::web
