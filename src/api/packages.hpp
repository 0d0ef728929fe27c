// /api/v1/tenants/{tenant}/repositories/{repository}/packages: what a repository holds, whatever its format.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> package_endpoints();

}  // namespace lodestone::api
