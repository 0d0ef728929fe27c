// Where somebody signs in who has begun a login at a terminal: "/web-login/TENANT/LOGIN", a page for browsers
// that works without scripts.
#pragma once

#include <span>

#include "http/server/router.hpp"

namespace lodestone::web {

std::span<const http::Route> web_login_routes();

}  // namespace lodestone::web
