// What is wrong with a body, in a client's words.
#include "api/json_body.hpp"

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/strict_json.hpp"

namespace lodestone::api {

boost::json::value parse_json_body(std::string_view text) {
    StrictValue parsed = parse_strict_value(text, limits::json_depth);
    switch (parsed.fault) {
        case JsonFault::none: return *std::move(parsed.value);
        case JsonFault::no_json:
            throw Problem(problems::malformed_request, "The body is not JSON: " + parsed.where + ".");
        case JsonFault::too_deep:
            throw Problem(problems::malformed_request,
                          "The body's JSON is nested too deeply: " + std::to_string(limits::json_depth) +
                              " levels are the most.");
        case JsonFault::member_twice: break;
    }
    throw Problem(problems::malformed_request,
                  "The body has the field " + parsed.where + " twice; send each field once.")
        .with_faults({{parsed.where, "This field stands in the body twice."}});
}

}  // namespace lodestone::api
