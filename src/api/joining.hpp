// /api/v1/accept-invitation and /api/v1/tenants/…/register: becoming a user.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> joining_endpoints();

}  // namespace lodestone::api
