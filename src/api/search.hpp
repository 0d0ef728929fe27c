// /api/v1/tenants/{tenant}/search: packages of all formats, as far as whoever asks may list them.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> search_endpoints();

}  // namespace lodestone::api
