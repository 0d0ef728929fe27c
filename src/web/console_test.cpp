// The console's files and headers: everything the page asks for is there, named by its content, and nothing
// in it needs what the Content-Security-Policy forbids.
#include "web/console.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <regex>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "web/assets.hpp"

namespace lodestone::web {

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

LogOptions silent() {
    LogOptions options;
    options.level = LogLevel::off;
    return options;
}

// A request that has reached its handler, and what the handler needs to live.
struct Visit {
    FakeClock clock;
    SystemRandom random;
    Log log{silent(), clock};
    Metrics metrics;
    Health health;
    Context context{clock, random, log, metrics, health};
    http::ReceivedHeaders headers;
    http::Request request;

    http::Response answer(std::size_t route_index, std::string file = {}) {
        const auto& route = console_routes()[route_index];
        request.headers = &headers;
        request.match.route = &route;
        if (!file.empty()) request.match.parameters = {{"file", std::move(file)}};
        boost::asio::io_context loop;
        auto response = boost::asio::co_spawn(loop, route.handler(context, request), boost::asio::use_future);
        loop.run();
        return response.get();
    }
};

std::vector<std::string> find_all(std::string_view text, const char* pattern) {
    const std::regex expression(pattern);
    std::vector<std::string> found;
    for (std::cregex_iterator match(text.begin(), text.end(), expression), end; match != end; ++match)
        found.push_back(match->str());
    return found;
}

TEST(Console, EveryReferenceLeadsToAnAsset) {
    std::size_t references = 0;
    for (const auto& asset : console_assets())
        for (const auto& path : find_all(asset.bytes, R"(/assets/[a-zA-Z0-9._-]+)")) {
            EXPECT_NE(find_asset(path), nullptr) << asset.path << " refers to " << path;
            ++references;
        }
    EXPECT_GE(references, 7u) << "the page, its style, its scripts, its icon and its guides";
}

TEST(Console, ImmutableNamesCarryTheirContentsHash) {
    for (const auto& asset : console_assets()) {
        const bool is_page = asset.path == "/";
        EXPECT_EQ(asset.is_immutable, !is_page) << asset.path;
        if (is_page) continue;
        const std::string path(asset.path);
        EXPECT_TRUE(std::regex_match(path, std::regex(R"(/assets/[a-z]+(-[a-z]+)*-[0-9a-f]{10}\.[a-z]+)")))
            << path;
        EXPECT_THAT(path, HasSubstr(std::string(asset.etag.substr(1, 10))));
    }
}

TEST(Console, CompressedFormsAreWhatTheySayAndSmaller) {
    std::size_t compressed = 0;
    for (const auto& asset : console_assets()) {
        EXPECT_FALSE(asset.bytes.empty()) << asset.path;
        if (!asset.gzip.empty()) {
            EXPECT_THAT(asset.gzip, StartsWith("\x1f\x8b")) << asset.path;
            EXPECT_LT(asset.gzip.size(), asset.bytes.size()) << asset.path;
            ++compressed;
        }
        if (!asset.zstd.empty()) {
            EXPECT_THAT(asset.zstd, StartsWith("\x28\xb5\x2f\xfd")) << asset.path;
            EXPECT_LT(asset.zstd.size(), asset.bytes.size()) << asset.path;
        }
    }
    EXPECT_GE(compressed, 4u);
}

TEST(Console, PageNeedsNothingThatThePolicyForbids) {
    const auto* page = find_asset("/");
    ASSERT_NE(page, nullptr);
    EXPECT_TRUE(find_all(page->bytes, R"(<style|\sstyle=|\son[a-z]+=|javascript:)").empty());
    for (const auto& tag : find_all(page->bytes, R"(<script[^>]*>)"))
        EXPECT_THAT(tag, HasSubstr(" src=\"/assets/"));
    for (const auto& asset : console_assets()) {
        if (asset.content_type.starts_with("text/plain")) continue;  // guides may name addresses
        for (const auto& url : find_all(asset.bytes, R"(https?://[a-z0-9.]+)"))
            EXPECT_EQ(url, "http://www.w3.org") << asset.path << " names " << url;
        EXPECT_THAT(asset.bytes, Not(HasSubstr("eval("))) << asset.path;
    }
}

TEST(Console, AnswersCarryTheSecurityHeaders) {
    for (const std::size_t address : {std::size_t{0}, std::size_t{1}}) {
        Visit visit;
        const auto response = visit.answer(address);
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.headers.find("Content-Type"), "text/html; charset=utf-8");
        const std::string policy(response.headers.find("Content-Security-Policy").value_or(""));
        for (const char* part :
             {"default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"})
            EXPECT_THAT(policy, HasSubstr(part));
        EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
        EXPECT_EQ(response.headers.find("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(response.headers.find("Referrer-Policy"), "no-referrer");
    }
}

TEST(Console, AssetIsFoundByItsNameAndOnlyByThat) {
    Visit visit;
    for (const auto& asset : console_assets()) {
        if (asset.path == "/") continue;
        const auto response = visit.answer(2, std::string(asset.path.substr(8)));
        EXPECT_EQ(response.headers.find("Content-Type"), asset.content_type);
        EXPECT_EQ(response.headers.find("X-Content-Type-Options"), "nosniff");
    }
    EXPECT_THROW(visit.answer(2, "main.js"), Problem) << "the name without its hash is nobody's";
}

TEST(Console, RoutesAreOpen) {
    ASSERT_EQ(console_routes().size(), 3u);
    for (const auto& route : console_routes()) {
        EXPECT_EQ(route.method, http::Method::get);
        EXPECT_EQ(route.access, http::Access::open) << route.pattern;
    }
}

}  // namespace

}  // namespace lodestone::web
