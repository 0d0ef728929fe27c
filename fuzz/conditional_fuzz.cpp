// Fuzzes conditional requests and the plan made from them: statuses, headers and lengths agree with each
// other, whatever the request says.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "http/message/conditional.hpp"
#include "http/server/representation.hpp"

using lodestone::ensure;
using lodestone::Time;
using namespace lodestone::http;

namespace {

constexpr std::string_view content = "0123456789abcdefghij";
constexpr std::array<std::string_view, 6> names{
    "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"};

// Lines of a digit, which chooses the name, and a value.
ReceivedHeaders parse_lines(std::string_view text) {
    ReceivedHeaders headers;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.empty()) continue;
        const auto name = names[static_cast<unsigned char>(line.front()) % names.size()];
        if (!headers.append({name, line.substr(1)})) break;
    }
    return headers;
}

Response make_response(std::uint8_t variant, Time modified) {
    auto response = Response::text(200, std::string(content));
    response.headers.add("Cache-Control", "max-age=60");
    if (variant & 1) response.etag = variant & 2 ? "W/\"v1\"" : "\"v1\"";
    if (variant & 4) response.last_modified = modified;
    if (variant & 8) response.headers.add("Content-Encoding", "gzip");
    return response;
}

void check_dates(const ReceivedHeaders& headers) {
    for (const auto& field : headers) {
        const auto date = parse_http_date(field.value);
        if (!date) continue;
        ensure(parse_http_date(render_http_date(*date)) == date, "a date survives being written");
    }
}

void check_verdict(Method method, const ReceivedHeaders& headers, const Response& response, Time now) {
    const bool is_read = method == Method::get || method == Method::head;
    for (const bool exists : {false, true}) {
        const Validators validators{response.etag, response.last_modified, now};
        const auto verdict = evaluate_preconditions(method, headers, validators, exists);
        ensure(verdict != Precondition::not_modified || (is_read && exists),
               "only what is read can be unmodified");
        ensure(verdict == Precondition::proceed || method != Method::options, "OPTIONS has no conditions");
    }
}

void check_plan(Method method, const Plan& plan, Response& response) {
    std::uint64_t length = plan.tail.size();
    for (const auto& part : plan.parts) {
        ensure(part.range.size_bytes > 0 && part.range.offset + part.range.size_bytes <= content.size(),
               "parts lie within the body");
        length += part.head.size() + part.range.size_bytes;
    }
    apply_plan(plan, response);
    ensure(response.status == plan.status, "the plan's status goes out");
    const bool is_partial = plan.status == 206;
    ensure(is_partial == !plan.parts.empty(), "206 has parts");
    ensure(!is_partial || (method == Method::get && plan.length_bytes == length), "lengths agree");
    ensure(response.headers.has("Content-Range") == (plan.status == 416 || plan.parts.size() == 1),
           "Content-Range stands where it must");
    const bool is_bodiless = plan.status == 304 || plan.status == 412 || plan.status == 416;
    ensure(response.headers.has("Content-Type") != is_bodiless, "the type goes with the body");
    ensure(std::holds_alternative<std::monostate>(response.body) == is_bodiless, "the body stays or goes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // Method, and what kind of validators there are.
    if (size < 2) return 0;
    const auto method = static_cast<Method>(data[0] % method_count);
    const auto modified = *parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
    const Time now = modified + std::chrono::hours(1);
    const auto headers = parse_lines({reinterpret_cast<const char*>(data) + 2, size - 2});
    auto response = make_response(data[1], modified);

    check_dates(headers);
    check_verdict(method, headers, response, now);
    lodestone::SeededRandom random(1);
    const Plan plan = plan_representation(method, headers, describe(response, now), random);
    check_plan(method, plan, response);
    return 0;
}
