// /api/v1/tenants/{tenant}/audit and /api/v1/audit: what happened, asked for and taken out.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> audit_endpoints();

}  // namespace lodestone::api
