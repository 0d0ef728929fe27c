// /api/v1/tenants/{tenant}/users/{user}/sessions: where somebody is signed in.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> session_endpoints();

}  // namespace lodestone::api
