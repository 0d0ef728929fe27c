// /api/v1/tenants/{tenant}/users/{user}/identities: as whom other providers know a user.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> user_identity_endpoints();

}  // namespace lodestone::api
