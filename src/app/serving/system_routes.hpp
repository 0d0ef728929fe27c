// What the server says about itself: alive, ready, its metrics, its status.
#pragma once

#include <span>

#include "http/server/router.hpp"

namespace lodestone::app {

std::span<const http::Route> system_routes();

}  // namespace lodestone::app
