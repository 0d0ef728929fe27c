// RFC 9457 documents: every kind of problem is rendered, and no text breaks out of its string.
#include "http/server/problem_response.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <set>

namespace lodestone::http {
namespace {

boost::json::object parse_body(const Response& response) {
    return boost::json::parse(std::get<std::string>(response.body)).as_object();
}

TEST(ProblemResponse, RendersEveryKind) {
    std::set<std::string> types;
    for (const ProblemKind* kind : all_problem_kinds()) {
        const Response response = render_problem(Problem(*kind, "What happened."), Request{});
        EXPECT_EQ(response.status, kind->status) << kind->code;
        EXPECT_EQ(response.headers.find("Content-Type"), "application/problem+json");
        EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
        const auto body = parse_body(response);
        EXPECT_EQ(body.at("status"), kind->status);
        EXPECT_EQ(body.at("code").as_string(), kind->code);
        EXPECT_EQ(body.at("title").as_string(), kind->title);
        EXPECT_EQ(body.at("detail"), "What happened.");
        EXPECT_FALSE(body.contains("request_id")) << "there is none yet";
        EXPECT_FALSE(status_text(kind->status).empty()) << kind->status;
        const std::string type(body.at("type").as_string());
        EXPECT_EQ(type, "urn:lodestone:problem:" + std::string(kind->code));
        EXPECT_TRUE(types.insert(type).second) << "codes are unique: " << type;
    }
}

TEST(ProblemResponse, NamesTheRequest) {
    Request request;
    request.id = "my-id";
    const Response response = render_problem(Problem(problems::not_found, "Nothing."), request);
    EXPECT_EQ(parse_body(response).at("request_id"), "my-id");
}

TEST(ProblemResponse, EscapesWhateverTheDetailHolds) {
    const std::string nasty = "a\"b\\c\nd\x01\xff</script>\u202e";
    const Response response = render_problem(Problem(problems::conflict, nasty), Request{});
    const std::string& text = std::get<std::string>(response.body);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << "its own line end alone";
    const std::string detail(parse_body(response).at("detail").as_string());
    EXPECT_TRUE(detail.starts_with("a\"b\\c\nd\x01")) << detail;
    EXPECT_EQ(detail.find('\xff'), std::string::npos) << "valid UTF-8";
}

TEST(ProblemResponse, CarriesTheRefusalsHeadersButNotItsReason) {
    const Problem problem = Problem(problems::unavailable, "Come back.")
                                .with_internal("db=10.0.0.7")
                                .with_header("Retry-After", "5")
                                .with_header("X-Injected", "a\r\nSet-Cookie: b");
    const Response response = render_problem(problem, Request{});
    EXPECT_EQ(response.headers.find("Retry-After"), "5");
    EXPECT_FALSE(response.headers.has("Set-Cookie"));
    EXPECT_EQ(std::get<std::string>(response.body).find("10.0.0.7"), std::string::npos);
}

}  // namespace
}  // namespace lodestone::http
