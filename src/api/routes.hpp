// Every endpoint of /api/v1.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const std::span<const Endpoint>> api_endpoints();
std::span<const http::Route> api_routes();

}  // namespace lodestone::api
