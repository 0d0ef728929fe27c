// Names from paths, addresses from names, and answers that several handlers give.
#include "formats/npm/place.hpp"

#include "base/json_text.hpp"
#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "formats/npm/name.hpp"

namespace lodestone::formats::npm {

namespace {

// What clients show is the error; the reason is what older ones showed.
std::string_view error_of(const Problem& problem) {
    switch (problem.status()) {
        case 401: return "unauthorized";
        case 403: return "forbidden";
        case 404: return "not_found";
        case 409: return "conflict";
        default: return problem.kind().code;
    }
}

}  // namespace

Place place_of(const http::Request& request) {
    const std::string& name = request.parameter("name");
    if (!is_package_name(name)) {
        const bool is_asked = request.method == http::Method::get || request.method == http::Method::head ||
                              request.method == http::Method::del;
        if (is_asked) throw Problem(problems::not_found, "No package is called " + name + ".");
        throw Problem(
            problems::invalid_input,
            "A package is called by letters, digits and - . _ after a letter or digit, with a scope "
            "such as @acme/ before it or without, 214 characters at most.");
    }
    return {.tenant = TenantId::trusted(request.parameter("tenant")),
            .repository = packages::repository_of(request),
            .name = name};
}
static_assert(limits::npm_name_bytes == 214, "the sentence above says so");

identity::Resource resource_of(const Place& place) {
    identity::Resource resource;
    resource.tenant = place.tenant;
    resource.type = "package";
    resource.id = place.name;
    identity::place_in_repository(resource, place.repository.get(), place.repository->name);
    return resource;
}

std::string registry_address(const packages::IndexSubject& subject) {
    return subject.base + "/npm/" + subject.tenant.text() + '/' +
           http::encode_path_text(subject.repository->name);
}

http::Response answer_ok(int status, std::string_view more) {
    http::Response response = http::Response::json(status, "{\"ok\":true" + std::string(more) + "}\n");
    response.headers.set("Cache-Control", "no-store");
    return response;
}

http::Response render_problem(const Problem& problem, const http::Request& request) {
    std::string body = "{\"error\":";
    append_json_string(body, problem.detail());
    body += ",\"reason\":";
    append_json_string(body, error_of(problem));
    body += ",\"request_id\":";
    append_json_string(body, request.id);
    http::Response response = http::Response::json(problem.status(), body + "}\n");
    response.headers.add("Cache-Control", "no-store");
    for (const auto& [name, value] : problem.headers()) response.headers.add(name, value);
    return response;
}

}  // namespace lodestone::formats::npm
