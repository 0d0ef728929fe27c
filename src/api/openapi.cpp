// The document is put together as text: JSON in, JSON out, in the order of the tables.
#include "api/openapi.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/json_text.hpp"
#include "base/limits.hpp"

namespace lodestone::api {

namespace {

constexpr std::string_view description =
    "The API of this Lodestone server. Every request is authenticated by a key or a session, refusals are "
    "problem "
    "details (RFC 9457), lists come in pages, and what changes carries an ETag.";

constexpr std::string_view problem_schema =
    R"({"type":"object","properties":{)"
    R"("type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},)"
    R"("code":{"type":"string"},"detail":{"type":"string"},"request_id":{"type":"string"},)"
    R"("errors":{"type":"array","items":{"type":"object","properties":{)"
    R"("pointer":{"type":"string"},"detail":{"type":"string"}},"required":["pointer","detail"]}}},)"
    R"("required":["type","title","status","code","detail"]})";

constexpr std::string_view security_schemes =
    R"({"bearer":{"type":"http","scheme":"bearer","description":"A key or a session's access token."},)"
    R"("basic":{"type":"http","scheme":"basic","description":"Any user name, and a key as the password."},)"
    R"("api_key":{"type":"apiKey","in":"header","name":"X-API-Key"},)"
    R"("nuget_api_key":{"type":"apiKey","in":"header","name":"X-NuGet-ApiKey"},)"
    R"("x_authorization":{"type":"apiKey","in":"header","name":"X-Authorization",)"
    R"("description":"As in Authorization: Bearer and a key, or the key alone."},)"
    R"("bare":{"type":"apiKey","in":"header","name":"Authorization","description":"The key alone."}})";

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string parameter(std::string_view in, std::string_view name, const std::string& schema, bool is_required,
                      std::string_view about = {}) {
    std::string text = R"({"name":)" + quoted(name) + R"(,"in":)" + quoted(in);
    if (is_required) text += R"(,"required":true)";
    if (!about.empty()) text += R"(,"description":)" + quoted(about);
    return text + R"(,"schema":)" + schema + "}";
}

std::string sort_schema(const std::vector<std::string_view>& sorts) {
    std::string names;
    for (const std::string_view sort : sorts) names += (names.empty() ? "" : ",") + quoted(sort);
    return R"({"type":"string","enum":[)" + names + R"(],"default":)" + quoted(sorts.front()) + "}";
}

std::vector<std::string> path_parameters(std::string_view pattern) {
    std::vector<std::string> found;
    for (std::size_t at = pattern.find('{'); at != pattern.npos; at = pattern.find('{', at + 1)) {
        const std::string_view name = pattern.substr(at + 1, pattern.find('}', at) - at - 1);
        found.push_back(parameter("path", name, R"({"type":"string"})", true));
    }
    return found;
}

std::vector<std::string> parameters(const http::Route& route, const OperationShape& shape) {
    std::vector<std::string> all = path_parameters(route.pattern);
    for (const auto& [name, schema] : shape.query) all.push_back(parameter("query", name, schema, false));
    if (shape.is_list) {
        all.push_back(parameter("query", "sort", sort_schema(shape.sorts), false));
        all.push_back(parameter("query", "limit",
                                R"({"type":"integer","minimum":1,"maximum":)" +
                                    std::to_string(limits::page_rows_most) + R"(,"default":)" +
                                    std::to_string(limits::page_rows) + "}",
                                false));
        all.push_back(parameter("query", "cursor", R"({"type":"string"})", false,
                                "Where the page before ended: its \"next\"."));
    }
    if (shape.is_create)
        all.push_back(parameter("header", "Idempotency-Key", R"({"type":"string"})", false,
                                "The same request under the same key is done once."));
    if (route.method == http::Method::patch)
        all.push_back(parameter("header", "If-Match", R"({"type":"string"})", true,
                                "The ETag that was seen, or * for whatever is there."));
    else if (shape.heeds_version)
        all.push_back(
            parameter("header", "If-Match", R"({"type":"string"})", false, "The ETag that was seen."));
    return all;
}

std::string list_schema(const std::string& item) {
    return R"({"type":"object","properties":{"items":{"type":"array","items":)" + item +
           R"(},"next":{"anyOf":[{"type":"string"},{"type":"null"}]}},"required":["items","next"]})";
}

std::string responses(const OperationShape& shape) {
    std::string text = "{" + quoted(std::to_string(shape.status)) + R"(:{"description":"Done.")";
    std::string headers;
    if (shape.has_etag) headers += R"("ETag":{"schema":{"type":"string"}})";
    if (shape.is_create)
        headers += std::string(headers.empty() ? "" : ",") + R"("Location":{"schema":{"type":"string"}})";
    if (!headers.empty()) text += R"(,"headers":{)" + headers + "}";
    if (!shape.output_schema.empty())
        text += R"(,"content":{"application/json":{"schema":)" +
                (shape.is_list ? list_schema(shape.output_schema) : shape.output_schema) + "}}";
    else if (!shape.content_type.empty())
        text += R"(,"content":{)" + quoted(shape.content_type) + ":{}}";
    return text + R"(},"default":{"$ref":"#/components/responses/Problem"}})";
}

std::string render_operation(const Endpoint& one, SchemaBook& book) {
    OperationShape shape;
    one.operation.describe(shape, book);
    std::string text =
        R"({"operationId":)" + quoted(one.operation.name) + R"(,"summary":)" + quoted(one.operation.summary);
    text += R"(,"x-permission":)" + quoted(http::access_name(one.route.access));
    const http::Access& access = one.route.access;
    if (access.kind == http::Access::Kind::open)
        text += access.permission.empty() ? R"(,"security":[])"
                                          : R"(,"security":[{},{"bearer":[]},{"basic":[]},{"api_key":[]}])";
    std::string all;
    for (const std::string& each : parameters(one.route, shape)) all += (all.empty() ? "" : ",") + each;
    if (!all.empty()) text += R"(,"parameters":[)" + all + "]";
    if (!shape.input_schema.empty())
        text += std::string(R"(,"requestBody":{"required":)") + (shape.is_input_optional ? "false" : "true") +
                R"(,"content":{"application/json":{"schema":)" + shape.input_schema + "}}}";
    return text + R"(,"responses":)" + responses(shape) + "}";
}

std::string lower_name(http::Method method) {
    std::string name(http::method_name(method));
    std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    return name;
}

}  // namespace

std::string render_openapi(std::span<const std::span<const Endpoint>> tables) {
    SchemaBook book;
    std::map<std::string_view, std::string> paths;
    for (const auto table : tables)
        for (const Endpoint& one : table) {
            std::string& path = paths[one.route.pattern];
            path += (path.empty() ? "" : ",") + quoted(lower_name(one.route.method)) + ":" +
                    render_operation(one, book);
        }
    std::string text =
        R"({"openapi":"3.1.0","info":{"title":"Lodestone","version":"1","description":)" +
        quoted(description) +
        R"(,"license":{"name":"Apache-2.0","identifier":"Apache-2.0"}},"servers":[{"url":"/"}],)"
        R"("security":[{"bearer":[]},{"basic":[]},{"api_key":[]},{"nuget_api_key":[]},)"
        R"({"x_authorization":[]},{"bare":[]}],"paths":{)";
    char separator = ' ';
    for (const auto& [pattern, operations] : paths) {
        text += separator + quoted(pattern) + ":{" + operations + "}";
        separator = ',';
    }
    text += R"(},"components":{"schemas":{"Problem":)" + std::string(problem_schema);
    for (const auto& [name, schema] : book.schemas()) text += "," + quoted(name) + ":" + schema;
    text += R"(},"responses":{"Problem":{"description":"Refused, and why.","content":)"
            R"({"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}},)"
            R"("securitySchemes":)" +
            std::string(security_schemes) + "}}\n";
    return text;
}

}  // namespace lodestone::api
