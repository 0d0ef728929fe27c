// The redirect rules as a table.
#include "http/client/redirect.hpp"

#include <gtest/gtest.h>

namespace lodestone::http {
namespace {

Url url(std::string_view text) {
    const auto parsed = parse_url(text);
    EXPECT_TRUE(parsed.url.has_value()) << text;
    return parsed.url.value_or(Url{});
}

struct Step {
    Method method = Method::get;
    int status = 302;
    std::string_view location = {};
    std::string_view from = "https://registry.example/a/b?c";
    std::size_t hops = 0;
    bool can_repeat_body = true;
    RedirectPolicy policy = {};
    bool has_body = false;
};

RedirectPlan plan(const Step& step) {
    ReceivedHeaders headers;
    if (!step.location.empty()) headers.append({"Location", step.location});
    const Url from = url(step.from);
    return plan_redirect(step.policy, {from, step.method, step.hops, step.can_repeat_body, step.has_body},
                         step.status, headers);
}

TEST(Redirect, ChoosesTheMethod) {
    struct Case {
        int status;
        Method method;
        Method becomes;
        bool drops_body;
    };
    const Case cases[] = {
        {301, Method::post, Method::get, true},   {302, Method::post, Method::get, true},
        {303, Method::post, Method::get, true},   {303, Method::put, Method::get, true},
        {303, Method::head, Method::head, false}, {301, Method::put, Method::put, false},
        {307, Method::post, Method::post, false}, {308, Method::post, Method::post, false},
        {302, Method::get, Method::get, false},   {308, Method::del, Method::del, false},
    };
    for (const auto& [status, method, becomes, drops_body] : cases) {
        const auto result = plan({.method = method, .status = status, .location = "/x"});
        ASSERT_TRUE(result.url.has_value()) << status << method_name(method) << result.fault;
        EXPECT_EQ(result.method, becomes) << status << method_name(method);
        EXPECT_EQ(result.drops_body, drops_body) << status << method_name(method);
    }
}

TEST(Redirect, ResolvesTheLocationAndWatchesTheOrigin) {
    struct Case {
        std::string_view location;
        std::string_view leads_to;
        bool is_elsewhere;
    };
    const Case cases[] = {
        {"../x?y#z", "https://registry.example/x?y", false},
        {"https://registry.example:443/x", "https://registry.example/x", false},
        {"https://REGISTRY.example/x", "https://registry.example/x", false},
        {"https://registry.example:444/x", "https://registry.example:444/x", true},
        {"//cdn.example/x", "https://cdn.example/x", true},
        {"https://a.registry.example/x", "https://a.registry.example/x", true},
    };
    for (const auto& [location, leads_to, drops] : cases) {
        const auto result = plan({.location = location});
        ASSERT_TRUE(result.url.has_value()) << location << ": " << result.fault;
        EXPECT_EQ(render_url(*result.url), leads_to);
        EXPECT_EQ(result.is_elsewhere, drops) << location;
    }
    EXPECT_TRUE(plan({.location = "https://u.example/", .from = "http://u.example/"}).is_elsewhere);
}

TEST(Redirect, LeavesOtherAnswersAlone) {
    for (const int status : {200, 300, 304, 305, 306, 404}) {
        const auto result = plan({.status = status, .location = "/x"});
        EXPECT_FALSE(result.url.has_value()) << status;
        EXPECT_EQ(result.fault, "") << status;
    }
    EXPECT_FALSE(plan({.status = 302}).url.has_value());
    EXPECT_FALSE(plan({.location = "/x", .policy = {.max_hops = 0}}).url.has_value());
}

TEST(Redirect, RefusesWhatMustNotBeFollowed) {
    EXPECT_EQ(plan({.location = "http://registry.example/"}).fault, "redirected from https to http");
    EXPECT_EQ(plan({.location = "/x", .hops = 5}).fault, "redirected too often");
    EXPECT_NE(plan({.location = "/x", .hops = 4}).url, std::nullopt);
    EXPECT_EQ(plan({.status = 307, .location = "/x", .can_repeat_body = false}).fault,
              "redirected an upload that cannot be sent a second time");
    EXPECT_NE(plan({.status = 303, .location = "/x", .can_repeat_body = false}).url, std::nullopt);
    EXPECT_EQ(plan({.location = "//cdn.example/", .policy = {.is_same_origin_only = true}}).fault,
              "redirected to another host, which is not allowed here");
    EXPECT_NE(plan({.location = "/x", .policy = {.is_same_origin_only = true}}).url, std::nullopt);
    for (const auto location : {"ftp://a.example/", "https://user:secret@a.example/", "file:///etc/passwd",
                                "https://0x7f.1/", "https://a.example:0/", "/a b", "https://a\\@b.example/"})
        EXPECT_EQ(plan({.location = location}).fault, "redirected to something that is no usable URL")
            << location;

    ReceivedHeaders headers;
    headers.append({"Location", "/a"});
    headers.append({"Location", "/b"});
    const Url from = url("https://registry.example/");
    EXPECT_EQ(plan_redirect({}, {.url = from}, 302, headers).fault, "redirected to several places at once");
}

// Who redirects an upload elsewhere chooses who gets it.
TEST(Redirect, TakesABodyElsewhereOnlyWhenAsked) {
    const Step step{.method = Method::put, .status = 307, .location = "//cdn.example/x", .has_body = true};
    EXPECT_EQ(plan(step).fault, "redirected an upload to another host, which is not allowed here");
    Step asked = step;
    asked.policy.allows_body_elsewhere = true;
    EXPECT_NE(plan(asked).url, std::nullopt);
    Step near = step;
    near.location = "/x";
    EXPECT_NE(plan(near).url, std::nullopt);
    Step dropped = step;
    dropped.status = 303;
    EXPECT_NE(plan(dropped).url, std::nullopt) << "nothing goes along";
    Step bare = step;
    bare.has_body = false;
    EXPECT_NE(plan(bare).url, std::nullopt);
}

TEST(Redirect, TakesOnlyHarmlessHeadersElsewhere) {
    Headers headers;
    for (const auto* name : {"Authorization", "cookie", "X-Api-Key", "PRIVATE-TOKEN", "X-Amz-Security-Token",
                             "X-JFrog-Art-Api", "Range", "accept", "If-None-Match", "X-Acceptance"})
        headers.add(name, "v");
    keep_harmless(headers);
    EXPECT_EQ(headers.wire_text(), "accept: v\r\nRange: v\r\nIf-None-Match: v\r\n");
}

}  // namespace
}  // namespace lodestone::http
