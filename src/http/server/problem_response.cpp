// RFC 9457 problem details, https://www.rfc-editor.org/rfc/rfc9457
#include "http/server/problem_response.hpp"

#include "base/json_text.hpp"
#include "http/server/router.hpp"

namespace lodestone::http {

namespace {

// An extension member, as the RFC's own example has it.
void append_faults(std::string& body, const std::vector<FieldFault>& faults) {
    if (faults.empty()) return;
    const char* separator = R"(,"errors":[)";
    for (const FieldFault& fault : faults) {
        body += separator;
        body += R"({"pointer":)";
        append_json_string(body, fault.pointer);
        body += R"(,"detail":)";
        append_json_string(body, fault.detail);
        body += '}';
        separator = ",";
    }
    body += ']';
}

}  // namespace

Response render_problem(const Problem& problem, const Request& request) {
    std::string body;
    body.reserve(256);
    body += R"({"type":"urn:lodestone:problem:)";
    body += problem.kind().code;
    body += R"(","title":)";
    append_json_string(body, problem.kind().title);
    body += R"(,"status":)" + std::to_string(problem.status());
    body += R"(,"code":")";
    body += problem.kind().code;
    body += R"(","detail":)";
    append_json_string(body, problem.detail());
    if (!request.id.empty()) {
        body += R"(,"request_id":)";
        append_json_string(body, request.id);
    }
    append_faults(body, problem.faults());
    body += "}\n";
    Response response = Response::text(problem.status(), std::move(body), "application/problem+json");
    response.headers.add("Cache-Control", "no-store");
    for (const auto& [name, value] : problem.headers()) response.headers.add(name, value);
    return response;
}

Response render_refusal(const Problem& problem, const Request& request) {
    const Route* const route = request.match.route;
    const bool has_own_words = route != nullptr && route->options.render_problem != nullptr;
    return has_own_words ? route->options.render_problem(problem, request) : render_problem(problem, request);
}

}  // namespace lodestone::http
