// /api/v1/tenants/{tenant}/apps: the products and teams of a tenant.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> app_endpoints();

}  // namespace lodestone::api
