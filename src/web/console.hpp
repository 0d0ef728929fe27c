// The console: the page at / and its files, with the headers that keep a browser from doing anything else.
#pragma once

#include <span>

#include "http/server/router.hpp"

namespace lodestone::web {

// GET / and GET /assets/{file}. Open to all: the page holds no secrets, what it shows it asks the API for.
std::span<const http::Route> console_routes();

}  // namespace lodestone::web
