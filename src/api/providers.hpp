// /api/v1/tenants/{tenant}/providers: whom people may sign in with.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> provider_endpoints();

}  // namespace lodestone::api
