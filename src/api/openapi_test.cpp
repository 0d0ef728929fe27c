// The document that describes the API is kept in the repository, and is what OpenAPI 3.1 says such a document
// is.
#include "api/openapi.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "api/routes.hpp"
#include "support/golden.hpp"

namespace lodestone::api {
namespace {

namespace json = boost::json;

// With a line for each member, so that a difference can be read.
void pretty(std::string& out, const json::value& value, const std::string& indent) {
    const std::string deeper = indent + " ";
    if (value.is_object() && !value.as_object().empty()) {
        std::string separator = "{\n";
        for (const auto& [name, member] : value.as_object()) {
            out += separator + deeper + json::serialize(json::string(name)) + ": ";
            pretty(out, member, deeper);
            separator = ",\n";
        }
        out += "\n" + indent + "}";
    } else if (value.is_array() && !value.as_array().empty() && !value.as_array().front().is_string()) {
        std::string separator = "[\n";
        for (const auto& item : value.as_array()) {
            out += separator + deeper;
            pretty(out, item, deeper);
            separator = ",\n";
        }
        out += "\n" + indent + "]";
    } else {
        out += json::serialize(value);
    }
}

json::value document() {
    return json::parse(render_openapi(api_endpoints()));
}

TEST(Openapi, IsUpToDate) {
    std::string text;
    pretty(text, document(), "");
    test::check_golden("tests/golden/openapi.json", text + "\n");
}

TEST(Openapi, HasEveryRouteOnceAndUnderItsOwnName) {
    const json::value whole = document();
    std::set<std::string> names;
    std::size_t count = 0;
    for (const auto table : api_endpoints())
        for (const Endpoint& one : table) {
            ++count;
            EXPECT_TRUE(one.route.pattern.starts_with("/api/v1/")) << one.route.pattern;
            EXPECT_TRUE(names.insert(std::string(one.operation.name)).second) << one.operation.name;
            std::string method(http::method_name(one.route.method));
            for (char& c : method) c = static_cast<char>(std::tolower(c));
            const json::value* path = whole.at("paths").as_object().if_contains(one.route.pattern);
            ASSERT_NE(path, nullptr) << one.route.pattern;
            const json::value* operation = path->as_object().if_contains(method);
            ASSERT_NE(operation, nullptr) << method << " " << one.route.pattern;
            EXPECT_EQ(operation->at("operationId").as_string(), one.operation.name);
            EXPECT_TRUE(one.operation.summary.ends_with('.')) << one.operation.summary;
        }
    EXPECT_EQ(count, api_routes().size());
}

// Every reference leads somewhere, and every component is referred to.
void collect_references(const json::value& value, std::set<std::string>& found) {
    if (value.is_array())
        for (const json::value& item : value.as_array()) collect_references(item, found);
    if (!value.is_object()) return;
    for (const auto& [name, member] : value.as_object()) {
        if (name == "$ref") found.insert(std::string(member.as_string()));
        collect_references(member, found);
    }
}

TEST(Openapi, RefersToWhatIsThere) {
    const json::value whole = document();
    std::set<std::string> references;
    collect_references(whole, references);
    for (const std::string& reference : references) {
        std::error_code error;
        EXPECT_NE(whole.find_pointer(reference.substr(1), error), nullptr) << reference;
    }
    for (const auto& [name, schema] : whole.at("components").at("schemas").as_object())
        EXPECT_TRUE(references.contains("#/components/schemas/" + std::string(name))) << name;
}

// What is in braces in a path is declared as its parameter, and nothing else is.
TEST(Openapi, DeclaresThePathsParameters) {
    const json::value whole = document();
    for (const auto& [pattern, path] : whole.at("paths").as_object())
        for (const auto& [method, operation] : path.as_object()) {
            std::size_t declared = 0;
            if (const json::value* parameters = operation.as_object().if_contains("parameters"))
                for (const json::value& one : parameters->as_array())
                    if (one.at("in") == "path") {
                        ++declared;
                        const std::string braces = "{" + std::string(one.at("name").as_string()) + "}";
                        EXPECT_NE(std::string_view(pattern).find(braces), std::string_view::npos) << pattern;
                    }
            EXPECT_EQ(declared, static_cast<std::size_t>(std::ranges::count(std::string_view(pattern), '{')));
        }
}

}  // namespace
}  // namespace lodestone::api
