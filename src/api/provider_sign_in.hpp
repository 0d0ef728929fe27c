// Where browsers leave for a provider and come back: pages, not calls of the API, though they stand below it.
#pragma once

#include <span>

#include "http/server/router.hpp"

namespace lodestone::api {

std::span<const http::Route> provider_sign_in_routes();

}  // namespace lodestone::api
