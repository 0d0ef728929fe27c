// /api/v1/tenants/{tenant}/policies: what a tenant allows and denies beside its roles.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> policy_endpoints();

}  // namespace lodestone::api
