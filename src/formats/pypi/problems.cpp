// How refusals are worded, those of the rest of the program too.
#include "formats/pypi/problems.hpp"

#include "base/json_text.hpp"

namespace lodestone::formats::pypi {

namespace {

// Of an upload, uploaders take 409 for "it is there already", and skip it when they were told to: what is
// refused for another reason, such as a quota, must not look like that.
int status_of(const Problem& problem, const http::Request& request) {
    return problem.status() == 409 && request.method == http::Method::post ? 400 : problem.status();
}

}  // namespace

Problem file_exists_already(std::string_view file_name) {
    return {file_exists, "File already exists: " + std::string(file_name) +
                             " was published with other bytes and stays as it is; publish another version."};
}

http::Response render_problem(const Problem& problem, const http::Request& request) {
    std::string text;
    append_harmless(text, problem.detail());
    http::Response response = http::Response::text(status_of(problem, request), text + '\n');
    response.reason = text;
    response.headers.add("Cache-Control", "no-store");
    response.headers.add("X-Content-Type-Options", "nosniff");
    for (const auto& [name, value] : problem.headers()) response.headers.add(name, value);
    if (problem.status() == 401) response.headers.set("WWW-Authenticate", "Basic realm=\"lodestone\"");
    return response;
}

}  // namespace lodestone::formats::pypi
