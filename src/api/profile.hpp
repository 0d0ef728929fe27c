// /api/v1/me/profile: what people change about themselves.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> profile_endpoints();

}  // namespace lodestone::api
