// /api/v1/tenants/{tenant}/owner: whose a tenant is, and whose it was.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> owner_endpoints();

}  // namespace lodestone::api
