// Where browsers leave for a provider and come back: pages, though they stand among the calls of the API.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> provider_sign_in_endpoints();

}  // namespace lodestone::api
