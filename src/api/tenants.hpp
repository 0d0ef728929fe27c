// /api/v1/tenants: the organisations of the installation.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> tenant_endpoints();

}  // namespace lodestone::api
