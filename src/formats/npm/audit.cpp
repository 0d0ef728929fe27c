// `npm audit`: answered from a database of advisories, in which there are none as yet, so that whatever is
// asked about has none. What is sent is not looked into.
// https://github.com/npm/cli/blob/latest/docs/lib/content/commands/npm-audit.md
#include "base/npm_limits.hpp"
#include "formats/npm/handlers.hpp"

namespace lodestone::formats::npm {

using http::Request;
using http::Response;

namespace {

Response answer_uncached(std::string body) {
    Response response = Response::json(200, std::move(body));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

}  // namespace

// {name: [advisory …]} of what has some.
Task<Response> audit_bulk(Context& /*context*/, Request& request) {
    co_await http::read_all(*request.body, limits::npm_audit_bytes);
    co_return answer_uncached("{}\n");
}

// What older clients ask for: a report.
Task<Response> audit_quick(Context& /*context*/, Request& request) {
    co_await http::read_all(*request.body, limits::npm_audit_bytes);
    co_return answer_uncached(
        R"({"actions":[],"advisories":{},"muted":[],"metadata":{"vulnerabilities":{"info":0,"low":0,)"
        R"("moderate":0,"high":0,"critical":0},"dependencies":0,"devDependencies":0,)"
        R"("optionalDependencies":0,"totalDependencies":0}})"
        "\n");
}

}  // namespace lodestone::formats::npm
