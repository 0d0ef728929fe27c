// Who runs this server: whoever shows the operator's token, and a plain connection from this machine if that
// is trusted.
#pragma once

#include <string>
#include <string_view>

#include "http/server/request.hpp"

namespace lodestone::identity {

struct Operators {
    std::string token;          // empty: nobody has it
    bool trusts_local = false;  // a direct connection from this machine is the operator
};

bool is_operator_token(std::string_view text, const Operators& operators);
bool is_operator_here(const http::Request& request, const Operators& operators);

}  // namespace lodestone::identity
