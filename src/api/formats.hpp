// /api/v1/formats: which protocols this server speaks.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> format_endpoints();

}  // namespace lodestone::api
