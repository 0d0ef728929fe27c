// /api/v1/advisories: what is known to be wrong with packages, imported by whoever runs the installation; and
// what of it is about a version.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> advisory_endpoints();

}  // namespace lodestone::api
