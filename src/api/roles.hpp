// /api/v1/tenants/{tenant}/roles and /api/v1/tenants/{tenant}/users/{user}/roles: what people may do.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> role_endpoints();

}  // namespace lodestone::api
