// Fuzzes CORS: whatever a request asks, only a configured origin is named, "*" never goes with credentials,
// and the answer stays in its lines. The input is up to three values, NUL between them: origin, method,
// headers.
#include "http/message/cors.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ensure.hpp"

using namespace lodestone;
using namespace lodestone::http;

namespace {

constexpr std::string_view console = "https://console.example";
constexpr std::array allowed_methods{Method::get, Method::put};

ReceivedHeaders parse_values(std::string_view text) {
    ReceivedHeaders headers;
    for (const char* name : {"Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers"}) {
        const std::string_view value = text.substr(0, text.find('\0'));
        headers.append({name, value});
        if (value.size() == text.size()) break;
        text.remove_prefix(value.size() + 1);
    }
    return headers;
}

void check_answer(const Headers& answer, const CorsRequest& request, bool is_for_any) {
    const std::string_view wire = answer.wire_text();
    for (std::size_t at = wire.find_first_of("\r\n"); at != wire.npos;
         at = wire.find_first_of("\r\n", at + 2)) {
        ensure(wire.substr(at, 2) == "\r\n", "lines end with CR LF");
        const std::string_view next = wire.substr(at + 2);
        ensure(next.empty() || next.starts_with("Access-Control-") || next.starts_with("Vary: "),
               "no line but ours");
    }
    const auto named = answer.find("Access-Control-Allow-Origin");
    const bool is_listed = request.origin == console;
    ensure(named.has_value() == (request.origin && (is_for_any || is_listed)),
           "only who may come in is named");
    if (named) ensure(*named == (is_for_any ? "*" : console), "nothing is reflected");
    ensure(answer.has("Access-Control-Allow-Credentials") == (named && !is_for_any),
           "credentials are for listed origins");
    ensure(is_for_any || has_token(answer.find("Vary").value_or(""), "Origin"), "caches are told");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ReceivedHeaders headers = parse_values({reinterpret_cast<const char*>(data), size});
    const CorsRequest request = parse_cors_request(headers);
    for (const bool is_for_any : {false, true}) {
        const CorsPolicy policy{.allowed_origins = {is_for_any ? "*" : std::string(console)},
                                .allow_credentials = true};
        check_answer(render_cors_headers(policy, request), request, is_for_any);
        check_answer(render_preflight_headers(policy, request, allowed_methods), request, is_for_any);
    }
    ensure(render_cors_headers({}, request).is_empty(), "without a policy nothing is said");
    return 0;
}
