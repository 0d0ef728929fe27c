// Every route of the program: the tables that the server is made of.
#pragma once

#include <span>

#include "http/server/router.hpp"

namespace lodestone::app {

std::span<const std::span<const http::Route>> program_routes();

}  // namespace lodestone::app
