// Assets: each coding has its own bytes and its own tag, and caches are told.
#include "http/server/assets.hpp"

#include <gtest/gtest.h>

#include "support/received_headers.hpp"

namespace lodestone::http {
namespace {

using test::make_headers;

constexpr Asset script{"/app.1f3a.js", "text/javascript", "plain", "zipped", "zstandard", "\"abc\"", true};
constexpr Asset page{"/index.html", "text/html; charset=utf-8", "plain", "zipped", "", "\"def\"", false};
constexpr Asset image{"/logo.png", "image/png", "plain", "", "", "\"ghi\"", true};

Response answer(const ReceivedHeaders& headers, const Asset& asset) {
    Request request;
    request.headers = &headers;
    return make_asset_response(request, asset);
}

std::string_view bytes(const Response& response) {
    return std::get<SharedBytes>(response.body).bytes;
}

TEST(Asset, CodingIsNegotiated) {
    const struct {
        const Asset& asset;
        std::string_view accepts, bytes, etag;
        std::optional<std::string_view> coding, vary;
    } cases[] = {
        {script, "gzip, zstd", "zstandard", "\"abc-zstd\"", "zstd", "Accept-Encoding"},
        {script, "gzip", "zipped", "\"abc-gzip\"", "gzip", "Accept-Encoding"},
        {script, "br", "plain", "\"abc\"", std::nullopt, "Accept-Encoding"},
        {script, "", "plain", "\"abc\"", std::nullopt, "Accept-Encoding"},
        {page, "gzip, zstd", "zipped", "\"def-gzip\"", "gzip", "Accept-Encoding"},
        {page, "zstd", "plain", "\"def\"", std::nullopt, "Accept-Encoding"},
        {image, "gzip, zstd", "plain", "\"ghi\"", std::nullopt, std::nullopt},
        {image, "identity;q=0", "plain", "\"ghi\"", std::nullopt, std::nullopt},
    };
    for (const auto& [asset, accepts, expected, etag, coding, vary] : cases) {
        const auto response = answer(make_headers({{"Accept-Encoding", accepts}}), asset);
        EXPECT_EQ(response.status, 200) << asset.path << " " << accepts;
        EXPECT_EQ(bytes(response), expected) << asset.path << " " << accepts;
        EXPECT_EQ(response.etag, etag);
        EXPECT_EQ(response.headers.find("Content-Encoding"), coding);
        EXPECT_EQ(response.headers.find("Vary"), vary);
        EXPECT_EQ(response.headers.find("Content-Type"), asset.content_type);
    }
}

TEST(Asset, AcceptEncodingMayBeAbsentOrSeveralLines) {
    EXPECT_EQ(bytes(answer(make_headers({}), script)), "plain");
    EXPECT_EQ(bytes(answer(make_headers({{"Accept-Encoding", "gzip"}, {"Accept-Encoding", "zstd"}}), script)),
              "zstandard");
}

TEST(Asset, CachingFollowsThePath) {
    EXPECT_EQ(answer(make_headers({}), script).headers.find("Cache-Control"),
              "public, max-age=31536000, immutable");
    EXPECT_EQ(answer(make_headers({}), page).headers.find("Cache-Control"), "no-cache");
}

TEST(Asset, RefusingEveryCodingIsNotAcceptable) {
    const auto response = answer(make_headers({{"Accept-Encoding", "identity;q=0, br"}}), script);
    EXPECT_EQ(response.status, 406);
    EXPECT_EQ(response.headers.find("Vary"), "Accept-Encoding");
    EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
    EXPECT_EQ(response.etag, "");
}

}  // namespace
}  // namespace lodestone::http
