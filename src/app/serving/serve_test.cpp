// The way of a request through serve() to its handler: finding the route, the methods that we answer
// ourselves, and the order in which authorisation, limits and the handler come.
#include "app/serving/serve.hpp"

#include <gtest/gtest.h>

#include "support/test_app.hpp"

namespace lodestone::app {
namespace {

using test::Answer;
using test::AppOptions;
using test::RawClient;
using test::TestApp;

const std::string operator_header =
    "Authorization: Bearer " + std::string(test::test_operator_token) + "\r\n";

std::string with_length(std::size_t size_bytes) {
    return "Content-Length: " + std::to_string(size_bytes) + "\r\n";
}

Task<http::Response> show_item(Context&, http::Request& request) {
    co_return http::Response::text(200, "item " + request.parameter("name"));
}

Task<http::Response> show_query(Context&, http::Request& request) {
    co_return http::Response::text(200, std::string(request.query.find("q").value_or("(none)")));
}

Task<http::Response> take_body(Context&, http::Request& request) {
    const std::string body = co_await http::read_all(*request.body, limits::mib);
    co_return http::Response::text(201, body);
}

Task<http::Response> ignore_body(Context&, http::Request&) {
    co_return http::Response::text(200, "did not look");
}

constexpr http::RouteOptions small{.body_limit_bytes = 10};
constexpr http::RouteOptions small_with_length{.body_limit_bytes = 10, .needs_length = true};

constexpr http::Route routes[] = {
    {http::Method::get, "/items/{name}", http::Access::open, show_item},
    {http::Method::put, "/items/{name}", http::Access::open, take_body, small_with_length},
    {http::Method::post, "/items/{name}", http::Access::open, take_body, small},
    {http::Method::get, "/query", http::Access::open, show_query},
    {http::Method::post, "/ignored", http::Access::open, ignore_body},
    {http::Method::put, "/guarded", http::Access::operators, take_body, small_with_length},
};

TEST(Serve, FindsTheRouteAndItsParameters) {
    TestApp app(routes);
    const Answer answer = app.ask("GET /items/a%20b");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "item a b");
    EXPECT_EQ(app.ask("GET /query?x=1&q=two+words").body, "two words");
    EXPECT_EQ(app.ask("GET http://registry.example/items/absolute").body, "item absolute");
}

TEST(Serve, AnswersUnknownAddressesWith404) {
    TestApp app(routes);
    for (const char* line :
         {"GET /", "GET /nothing", "PUT /items", "GET /items/a/b", "GET /items/a/", "POST /item/a"})
        EXPECT_EQ(app.ask(line).status, 404) << line;
}

TEST(Serve, RefusesAmbiguousPaths) {
    TestApp app(routes);
    for (const char* line :
         {"GET /items/%00", "GET /items/../secret", "GET /items/%2e%2e", "GET /items/%zz", "GET //"})
        EXPECT_EQ(app.ask(line).status, 400) << line;
}

TEST(Serve, SaysWhichMethodsAnAddressTakes) {
    TestApp app(routes);
    const Answer answer = app.ask("DELETE /items/a");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.header("allow"), "GET, HEAD, POST, PUT, OPTIONS");
    EXPECT_NE(answer.body.find("does not take DELETE"), std::string::npos) << answer.body;
    EXPECT_EQ(app.ask("GET /ignored").header("allow"), "POST, OPTIONS");
    EXPECT_EQ(app.ask("HEAD /ignored").status, 405) << "where there is no GET there is no HEAD";
}

TEST(Serve, AnswersOptionsItself) {
    TestApp app(routes);
    const Answer answer = app.ask("OPTIONS /items/a");
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("allow"), "GET, HEAD, POST, PUT, OPTIONS");
    EXPECT_EQ(app.ask("OPTIONS /guarded").status, 204) << "the method's name is no secret";
    EXPECT_EQ(app.ask("OPTIONS /nothing").status, 404);
    const Answer whole_server = app.ask("OPTIONS *");
    EXPECT_EQ(whole_server.status, 204);
    EXPECT_FALSE(whole_server.header("x-request-id").empty());
}

TEST(Serve, AnswersHeadLikeGetWithoutABody) {
    TestApp app(routes);
    RawClient client = app.connect();
    const Answer head = client.exchange(TestApp::render("HEAD /items/a"), RawClient::HasBody::no);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), "6");
    EXPECT_EQ(head.header("content-type"), "text/plain; charset=utf-8");
    EXPECT_EQ(client.exchange(TestApp::render("GET /items/b")).body, "item b") << "nothing was left over";
    EXPECT_EQ(client.exchange(TestApp::render("HEAD /nothing"), RawClient::HasBody::no).status, 404);
    EXPECT_EQ(client.exchange(TestApp::render("GET /items/c")).body, "item c");
}

TEST(Serve, RefusesBodiesByTheirLength) {
    TestApp app(routes);
    EXPECT_EQ(app.ask("PUT /items/a", with_length(10), "0123456789").status, 201) << "the limit itself fits";
    const Answer refused = app.ask("PUT /items/a", with_length(11), "0123456789a");
    EXPECT_EQ(refused.status, 413);
    EXPECT_NE(refused.body.find("10 bytes"), std::string::npos) << refused.body;
    const Answer huge = app.ask("PUT /items/a", with_length(limits::gib) + "Expect: 100-continue\r\n");
    EXPECT_EQ(huge.status, 413) << "and is not asked for";
    EXPECT_EQ(huge.header("connection"), "close");
}

TEST(Serve, RefusesBodiesByTheirChunks) {
    TestApp app(routes);
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    EXPECT_EQ(app.ask("POST /items/a", chunked, "a\r\n0123456789\r\n0\r\n\r\n").body, "0123456789");
    EXPECT_EQ(app.ask("POST /items/a", chunked, "b\r\n0123456789a\r\n0\r\n\r\n").status, 413);
    EXPECT_EQ(app.ask("POST /items/a", chunked, "6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n").status, 413)
        << "together they are too many";
}

TEST(Serve, AsksForALengthWhereItMustBeKnown) {
    TestApp app(routes);
    EXPECT_EQ(app.ask("PUT /items/a", "Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n").status, 411);
    EXPECT_EQ(app.ask("PUT /items/a").status, 411) << "nothing is no length either";
    EXPECT_EQ(app.ask("PUT /items/a", with_length(0)).status, 201) << "but nothing on purpose is";
}

// RFC 9110 §9.3.1: a body on GET means nothing; it must not become the next request.
TEST(Serve, PassesOverBodiesThatNobodyReads) {
    TestApp app(routes);
    RawClient client = app.connect();
    const std::string hidden = TestApp::render("GET /items/hidden");
    client.send(TestApp::render("GET /items/a", with_length(hidden.size()), hidden));
    client.send(TestApp::render("POST /ignored", with_length(hidden.size()), hidden));
    client.send(TestApp::render("GET /items/b"));
    EXPECT_EQ(client.read_answer().body, "item a");
    EXPECT_EQ(client.read_answer().body, "did not look");
    EXPECT_EQ(client.read_answer().body, "item b");
}

// Authorisation comes before everything that costs something or tells something.
TEST(Serve, AuthorisesBeforeItLooksAtTheBody) {
    TestApp app(routes);
    struct {
        const char* what;
        std::string headers;
        int stranger_gets;
        int operator_gets;
    } const rows[] = {
        {"too long", with_length(1'000'000), 401, 413},
        {"too long, asking first", with_length(1'000'000) + "Expect: 100-continue\r\n", 401, 413},
        {"of unknown length", "Transfer-Encoding: chunked\r\n", 401, 411},
    };
    for (const auto& row : rows) {
        const Answer stranger = app.ask("PUT /guarded", row.headers);
        EXPECT_EQ(stranger.status, row.stranger_gets) << row.what;
        EXPECT_TRUE(stranger.header("www-authenticate").starts_with("Bearer ")) << row.what;
        EXPECT_EQ(app.ask("PUT /guarded", operator_header + row.headers).status, row.operator_gets)
            << row.what;
    }
    EXPECT_EQ(app.ask("PUT /guarded", operator_header + with_length(3), "abc").body, "abc");
    EXPECT_EQ(app.ask("DELETE /guarded").status, 405) << "which methods there are is no secret";
    for (const auto& line : app.finish("request")) {
        if (line.at("status").as_int64() == 201) continue;
        EXPECT_EQ(line.at("in").as_int64(), 0) << "no byte of a refused body was read: " << line;
    }
}

}  // namespace
}  // namespace lodestone::app
