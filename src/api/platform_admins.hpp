// /api/v1/platform-admins: who manages the installation's tenants.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> platform_admin_endpoints();

}  // namespace lodestone::api
