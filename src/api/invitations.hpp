// /api/v1/tenants/{tenant}/invitations: links that make whoever has them a user.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> invitation_endpoints();

}  // namespace lodestone::api
