// Ready-made answers and the names of statuses.
#include "http/server/response.hpp"

#include <gtest/gtest.h>

#include "base/problem.hpp"

namespace lodestone::http {
namespace {

TEST(Response, TextJsonAndEmpty) {
    const auto text = Response::text(404, "no");
    EXPECT_EQ(text.status, 404);
    EXPECT_EQ(text.headers.find("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(std::get<std::string>(text.body), "no");
    const auto json = Response::json(201, "{}");
    EXPECT_EQ(json.status, 201);
    EXPECT_EQ(json.headers.find("Content-Type"), "application/json");
    const auto empty = Response::empty();
    EXPECT_EQ(empty.status, 204);
    EXPECT_TRUE(empty.headers.is_empty());
    EXPECT_TRUE(std::holds_alternative<std::monostate>(empty.body));
}

TEST(StatusText, NamesWhatHasAName) {
    EXPECT_EQ(status_text(100), "Continue");
    EXPECT_EQ(status_text(200), "OK");
    EXPECT_EQ(status_text(416), "Range Not Satisfiable");
    EXPECT_EQ(status_text(511), "Network Authentication Required");
    for (const int status : {-1, 0, 99, 199, 299, 418, 512, 999})
        EXPECT_EQ(status_text(status), "") << status;
}

TEST(StatusText, CoversTheCatalogueOfProblems) {
    for (const auto* kind : all_problem_kinds()) EXPECT_NE(status_text(kind->status), "") << kind->code;
}

}  // namespace
}  // namespace lodestone::http
