// docs/user/routes.md: every address of the program, who may use it, and what lists can be asked for, made
// from the tables that the server is made of.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "api/openapi.hpp"
#include "api/routes.hpp"
#include "api/schema_book.hpp"
#include "app/serving/routes.hpp"
#include "identity/rules/permissions.hpp"
#include "support/golden.hpp"

namespace lodestone::app {
namespace {

constexpr std::string_view api_prefix = "/api/v1";

struct Row {
    const http::Route* route;
    const api::Endpoint* endpoint;  // of the API; nothing for pages and probes
};

std::vector<Row> list_rows() {
    std::map<std::pair<std::string, http::Method>, const api::Endpoint*> known;
    for (const auto table : api::api_endpoints())
        for (const api::Endpoint& one : table)
            known[{std::string(one.route.pattern), one.route.method}] = &one;
    std::vector<Row> rows;
    for (const auto table : program_routes())
        for (const http::Route& route : table) {
            const auto found = known.find({std::string(route.pattern), route.method});
            rows.push_back({&route, found == known.end() ? nullptr : found->second});
        }
    std::ranges::sort(rows, {},
                      [](const Row& row) { return std::pair(row.route->pattern, row.route->method); });
    return rows;
}

std::string who_may(const http::Access& access) {
    using Kind = http::Access::Kind;
    switch (access.kind) {
        case Kind::open: return "anybody";
        case Kind::operators: return "the operator";
        case Kind::signed_in: return "whoever is known";
        case Kind::permission: break;
    }
    const bool has_own = !access.target.owner.empty() && identity::is_for_oneself(access.permission);
    return "`" + std::string(access.permission) + "`" + (has_own ? ", one's own" : "");
}

// The prefix that all of the API have is said once.
std::string short_pattern(std::string_view pattern) {
    if (pattern.starts_with(api_prefix)) pattern.remove_prefix(api_prefix.size());
    return std::string(pattern);
}

std::string render_table(const std::vector<Row>& rows, bool is_api) {
    std::string text = is_api ? "| address | who may | what it does |\n|---|---|---|\n"
                              : "| address | who may |\n|---|---|\n";
    for (const Row& row : rows) {
        if ((row.endpoint != nullptr) != is_api) continue;
        text += "| `" + std::string(http::method_name(row.route->method)) + " " +
                (is_api ? short_pattern(row.route->pattern) : std::string(row.route->pattern)) + "` | " +
                who_may(row.route->access) + " |";
        if (is_api) text += " " + std::string(row.endpoint->operation.summary) + " |";
        text += "\n";
    }
    return text;
}

std::string join(const auto& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "`" : ", `") + std::string(name) + "`";
    return text;
}

std::string render_lists(const std::vector<Row>& rows) {
    std::string text = "| list | filters | orders |\n|---|---|---|\n";
    for (const Row& row : rows) {
        if (row.endpoint == nullptr) continue;
        api::SchemaBook book;
        api::OperationShape shape;
        row.endpoint->operation.describe(shape, book);
        if (!shape.is_list) continue;
        std::vector<std::string_view> filters;
        for (const auto& query : shape.query) filters.push_back(query.first);
        text += "| `" + short_pattern(row.route->pattern) + "` | " + join(filters) + " | " +
                join(shape.sorts) + " |\n";
    }
    return text;
}

TEST(Routes, DocumentIsUpToDate) {
    const std::vector<Row> rows = list_rows();
    ASSERT_GT(rows.size(), 100u);
    test::check_golden(
        "docs/user/routes.md",
        "<!-- Every address and who may use it, made from the program's own tables: run `LODESTONE_ACCEPT=1 "
        "app_tests "
        "--gtest_filter=Routes.*` after changing one. -->\n"
        "# Every address\n\n"
        "[The API](api.md) says how to ask. A permission is one of `GET /api/v1/permissions`, had on what "
        "the path "
        "names by a\nrole, or allowed by a policy, within the scopes of the key that is shown; \"one's own\" "
        "means "
        "that people may do this\nto themselves without any. What another tenant has is 404 to everybody.\n\n"
        "## Below `/api/v1`\n\n" +
            render_table(rows, true) +
            "\n## Lists\n\nAll take `limit` and `cursor`; `sort` is one of the orders, the first of them "
            "when it is not given.\n\n" +
            render_lists(rows) + "\n## Besides\n\n" + render_table(rows, false));
}

}  // namespace
}  // namespace lodestone::app
