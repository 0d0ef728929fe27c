// /api/v1/tenants/{tenant}/users: the people of a tenant.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> user_endpoints();

}  // namespace lodestone::api
