// Who may pass. Until people and keys exist, there are two kinds of callers: anyone, and whoever runs the
// server.
#include "app/serving/authorise.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "http/message/network.hpp"

namespace lodestone::app {

namespace {

bool is_same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

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

}  // namespace

void authorise(const http::Access& access, const http::Request& request, const Operators& operators) {
    if (access == http::Access::open) return;
    if (access != http::Access::operators)
        throw Problem(problems::unauthenticated, "Sign in, or send a key.")
            .with_header("WWW-Authenticate", "Bearer realm=\"lodestone\"");
    ensure(!operators.token.empty(), "the operator's token exists");
    if (const auto header = request.header("authorization")) {
        constexpr std::string_view scheme = "Bearer ";
        if (http::equals_ignoring_case(header->substr(0, scheme.size()), scheme) &&
            is_same_secret(http::trim_whitespace(header->substr(scheme.size())), operators.token))
            return;
        throw Problem(problems::unauthenticated, "That is not the operator's token of this server.")
            .with_header("WWW-Authenticate", "Bearer realm=\"lodestone\", error=\"invalid_token\"");
    }
    if (is_operator_here(request, operators)) return;
    throw Problem(problems::unauthenticated,
                  "This is for the operator of the server: send the operator's token as a Bearer token.")
        .with_header("WWW-Authenticate", "Bearer realm=\"lodestone\"");
}

}  // namespace lodestone::app
