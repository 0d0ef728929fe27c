// /api/v1/…/packages/{package}: taking back what was published, and marks on it.
#pragma once

#include <span>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::span<const Endpoint> package_mark_endpoints();

}  // namespace lodestone::api
