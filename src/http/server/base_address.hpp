// What the addresses begin with that an answer names: "https://registry.example", without a slash at its end.
#pragma once

#include <string>

namespace lodestone::http {

struct Request;

// As configured (server.public_url); else as the client called us. Empty: neither is known.
std::string base_address(const Request& request);

}  // namespace lodestone::http
