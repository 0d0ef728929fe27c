// RFC 9457 problem details, https://www.rfc-editor.org/rfc/rfc9457
#include "http/server/problem_response.hpp"

#include "base/json_text.hpp"

namespace lodestone::http {

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
    body += "}\n";
    Response response = Response::text(problem.status(), std::move(body), "application/problem+json");
    response.headers.add("Cache-Control", "no-store");
    for (const auto& [name, value] : problem.headers()) response.headers.add(name, value);
    return response;
}

}  // namespace lodestone::http
