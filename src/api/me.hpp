// /api/v1/me: who is asking, and what the server knows of that.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> me_endpoints();

}  // namespace lodestone::api
