// /api/v1/tenants/{tenant}/repositories: the named feeds of an app, each of one format.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> repository_endpoints();

}  // namespace lodestone::api
