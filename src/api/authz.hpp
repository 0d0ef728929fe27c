// /api/v1/authz/check: what would be decided, and why.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> authz_endpoints();

}  // namespace lodestone::api
