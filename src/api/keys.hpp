// /api/v1/tenants/{tenant}/…/keys: what programs show instead of a password.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> key_endpoints();

}  // namespace lodestone::api
