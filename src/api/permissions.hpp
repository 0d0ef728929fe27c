// /api/v1/permissions and /api/v1/built-in-roles: what there is to be allowed.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> permission_endpoints();

}  // namespace lodestone::api
