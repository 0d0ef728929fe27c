// /api/v1/tenants/{tenant}/publishers: pipelines that may publish; and where these exchange their tokens.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> publisher_endpoints();

}  // namespace lodestone::api
