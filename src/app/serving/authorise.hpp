// The one gate: what a route's access level asks of a request. Denies unless something allows.
#pragma once

#include <string>

#include "http/server/request.hpp"
#include "http/server/router.hpp"

namespace lodestone::app {

struct Operators {
    std::string token;          // never empty
    bool trusts_local = false;  // a direct connection from this machine is the operator
};

// Throws Problem(unauthenticated or forbidden).
void authorise(const http::Access& access, const http::Request& request, const Operators& operators);

}  // namespace lodestone::app
