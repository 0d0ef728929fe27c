// /api/v1/tenants/{tenant}/apps/{app}/branches: where an app's services run.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> branch_endpoints();

}  // namespace lodestone::api
