// Durations, sizes, addresses and URLs: what is accepted, what is refused, and that rendering parses back.
#include "app/config/config_values.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lodestone::app {
namespace {

TEST(ConfigValues, Durations) {
    struct Row {
        std::string_view text;
        std::int64_t milliseconds;
        std::string_view rendered;
    };
    for (const Row& row : {Row{"0s", 0, "0s"}, Row{"500ms", 500, "500ms"}, Row{"1000ms", 1000, "1s"},
                           Row{"75s", 75'000, "75s"}, Row{"2m", 120'000, "2m"}, Row{"24h", 86'400'000, "1d"},
                           Row{"7d", 604'800'000, "7d"}}) {
        const auto value = parse_duration(row.text);
        ASSERT_TRUE(value) << row.text;
        EXPECT_EQ(value->count(), row.milliseconds) << row.text;
        EXPECT_EQ(render_duration(*value), row.rendered);
    }
    for (const std::string_view text : {"", "5", "s", "-1s", "+1s", "1.5s", "1 s", "1S", "1s ", "1w",
                                        "99999999999999999999s", "9223372036854775807d", "36501d"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(ConfigValues, Sizes) {
    struct Row {
        std::string_view text;
        std::uint64_t bytes;
        std::string_view rendered;
    };
    for (const Row& row :
         {Row{"0", 0, "0"}, Row{"512", 512, "512B"}, Row{"512B", 512, "512B"}, Row{"32KiB", 32'768, "32KiB"},
          Row{"1024KiB", 1'048'576, "1MiB"}, Row{"1kB", 1000, "1kB"}, Row{"1GB", 1'000'000'000, "1GB"},
          Row{"2TiB", 2'199'023'255'552, "2TiB"}}) {
        const auto value = parse_size(row.text);
        ASSERT_TRUE(value) << row.text;
        EXPECT_EQ(*value, row.bytes) << row.text;
        EXPECT_EQ(render_size(*value), row.rendered);
    }
    for (const std::string_view text :
         {"", "KiB", "-1", "1K", "1 KiB", "1kib", "1.5MiB", "99999999TiB", "18446744073709551615"})
        EXPECT_FALSE(parse_size(text)) << text;
}

TEST(ConfigValues, ListenAddresses) {
    for (const std::string_view text : {"127.0.0.1:8080", "0.0.0.0:0", "[::]:8080", "[2001:db8::1]:443",
                                        "unix:/run/lodestone/lodestone.sock", "unix:x", "systemd"}) {
        const auto address = parse_listen_address(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(render_listen_address(*address), text);
    }
    EXPECT_EQ(render_listen_address(parse_listen_address("localhost:80").value()), "127.0.0.1:80");
    for (const std::string& text :
         {std::string(), std::string("8080"), std::string(":8080"), std::string("127.0.0.1"),
          std::string("127.0.0.1:"), std::string("127.0.0.1:65536"), std::string("127.0.0.1:-1"),
          std::string("::1:8080"), std::string("[127.0.0.1]:80"), std::string("[]:80"),
          std::string("name.example:80"), std::string("unix:"), "unix:" + std::string(108, 'x'),
          std::string("unix:a\0b", 8), std::string("systemd:80"), std::string("http://127.0.0.1:80")})
        EXPECT_FALSE(parse_listen_address(text)) << text;
}

TEST(ConfigValues, Urls) {
    const auto url = parse_url_parts("postgres://user:secret@db.example:5432/lodestone?sslmode=require");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "postgres");
    EXPECT_EQ(url->user_info, "user:secret");
    EXPECT_EQ(url->host, "db.example");
    EXPECT_EQ(url->port, "5432");
    EXPECT_EQ(url->rest, "/lodestone?sslmode=require");
    EXPECT_TRUE(has_password(*url));
    EXPECT_FALSE(has_password(parse_url_parts("postgres://user@db.example/").value()));
    EXPECT_FALSE(has_password(parse_url_parts("postgres://user:@db.example/").value()));
    EXPECT_EQ(parse_url_parts("http://[2001:db8::1]:80")->host, "[2001:db8::1]");

    for (const std::string_view text :
         {"", "x", "//host", "http://", "http:///path", "http://a b", "http://host:99999", "http://ho_st",
          "http://-a.example", "http://a..b", "http://[::1", "http://*.example", "ht tp://x", "http://x\n"})
        EXPECT_FALSE(parse_url_parts(text)) << text;
}

TEST(ConfigValues, HostPatterns) {
    for (const std::string_view text : {"localhost", "a.example", "*.a.example", "A-1.example"})
        EXPECT_TRUE(is_host_pattern(text)) << text;
    for (const std::string& text :
         {std::string(), std::string("*"), std::string("*."), std::string("a.*.example"), std::string("a."),
          std::string(".a"), std::string("-a"), std::string(64, 'a'), std::string("a/b")})
        EXPECT_FALSE(is_host_pattern(text)) << text;
}

TEST(ConfigValues, ShowsUrlsWithoutTheirSecrets) {
    const std::pair<const char*, const char*> rows[] = {
        {"", ""},
        {"https://traces.example/v1", "https://traces.example/v1"},
        {"https://user:s3cret@traces.example/v1", "https://(hidden)@traces.example/v1"},
        {"https://traces.example/v1?key=s3cret", "https://traces.example/v1?(hidden)"},
        {"https://u@traces.example?key=s3cret@x", "https://(hidden)@traces.example?(hidden)"},
        {"https://u:s3/cr#et@traces.example/", "https://(hidden)@traces.example/"},
        {"user:s3cret@traces.example", "(hidden)@traces.example"},
    };
    for (const auto& [text, shown] : rows) EXPECT_EQ(hide_url_secrets(text), shown);
}

}  // namespace
}  // namespace lodestone::app
