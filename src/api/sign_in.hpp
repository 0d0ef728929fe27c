// /api/v1/sign-in and /api/v1/sign-out: from a password to a session, and its end.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> sign_in_endpoints();

}  // namespace lodestone::api
