// A refusal as our own API answers it: RFC 9457 problem details. Protocols with an envelope of their own name
// their renderer in the route table instead.
#pragma once

#include "base/problem.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::http {

Response render_problem(const Problem& problem, const Request& request);

// In the words of the route that the request found, which are the above for all but protocols.
Response render_refusal(const Problem& problem, const Request& request);

}  // namespace lodestone::http
