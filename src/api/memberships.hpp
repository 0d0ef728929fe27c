// /api/v1/tenants/{tenant}/apps/{app}/members: who may use which app, and as what.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> membership_endpoints();

}  // namespace lodestone::api
