// /api/v1/tenants/{tenant}/repositories/{repository}/retention: what its rules would do.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> retention_endpoints();

}  // namespace lodestone::api
