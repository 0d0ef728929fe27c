// /api/v1/me/…: what people change about their own signing in.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> own_account_endpoints();

}  // namespace lodestone::api
