// OpenAPI 3.1 of our API, made from the very tables and types that answer it, so that the two cannot differ.
//
// https://spec.openapis.org/oas/v3.1.0
#pragma once

#include <span>
#include <string>

#include "api/endpoint.hpp"

namespace lodestone::api {

std::string render_openapi(std::span<const std::span<const Endpoint>> tables);

}  // namespace lodestone::api
