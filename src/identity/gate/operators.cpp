// The operator's token, and what gives away that a connection from this machine is not the operator's.
#include "identity/gate/operators.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "http/message/network.hpp"

namespace lodestone::identity {

namespace {

// A web page that is open on the operator's own machine can make the browser connect to us; by DNS rebinding
// it could even read the answer, but then the Host header carries the page's own name.
// "127.0.0.1.pages.example" is such a name: only literal addresses count.
bool names_this_machine(std::string_view host) {
    if (host.empty()) return true;  // no browser sends none
    const std::size_t name_end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
    const std::string_view rest = host.substr(std::min(name_end, host.size()));
    if (!rest.empty() && rest.front() != ':') return false;
    host = host.substr(0, name_end);
    if (http::equals_ignoring_case(host, "localhost") || host == "[::1]") return true;
    const auto address = http::parse_address(host);
    return address && address->is_v4() && address->bytes[12] == 127;
}

}  // namespace

bool is_operator_token(std::string_view text, const Operators& operators) {
    return !operators.token.empty() && text.size() == operators.token.size() &&
           CRYPTO_memcmp(text.data(), operators.token.data(), text.size()) == 0;
}

bool is_operator_here(const http::Request& request, const Operators& operators) {
    if (!operators.trusts_local || !request.peer.is_local || !names_this_machine(request.peer.host))
        return false;
    // A proxy on this machine makes everybody look local, and so does a browser's page; what they add gives
    // them away.
    static constexpr std::array telltales{"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
                                          "x-real-ip",       "forwarded",        "via",
                                          "origin"};
    return std::ranges::none_of(telltales,
                                [&](const char* name) { return request.header(name).has_value(); });
}

}  // namespace lodestone::identity
