// URLs: what is read, what is refused, and RFC 3986's own examples of references.
#include "http/message/url.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace lodestone::http {
namespace {

TEST(Url, PartsAreTakenApart) {
    const struct {
        std::string_view text;
        Url url;
    } cases[] = {
        {"http://upstream.example", {"http", "upstream.example", 80, "/", false}},
        {"HTTPS://Upstream.EXAMPLE/", {"https", "upstream.example", 443, "/", false}},
        {"https://upstream.example:8443/a/b?c=d&e#f",
         {"https", "upstream.example", 8443, "/a/b?c=d&e", false}},
        {"http://upstream.example?x", {"http", "upstream.example", 80, "/?x", false}},
        {"http://upstream.example#f", {"http", "upstream.example", 80, "/", false}},
        {"http://upstream.example:80/", {"http", "upstream.example", 80, "/", false}},
        {"http://[2001:DB8::1]:8080/x", {"http", "2001:db8::1", 8080, "/x", true}},
        {"http://[::1]/", {"http", "::1", 80, "/", true}},
        {"http://192.0.2.7/", {"http", "192.0.2.7", 80, "/", false}},
        {"http://store_1/", {"http", "store_1", 80, "/", false}},
        {"http://1.upstream.example/", {"http", "1.upstream.example", 80, "/", false}},
        {"http://0x7f.example/", {"http", "0x7f.example", 80, "/", false}},
        {"http://xn--bcher-kva.example/", {"http", "xn--bcher-kva.example", 80, "/", false}},
        {"http://upstream.example/%2F..//./a@b:c!$&'()*+,;=~[]|",
         {"http", "upstream.example", 80, "/%2F..//./a@b:c!$&'()*+,;=~[]|", false}},
    };
    for (const auto& [text, url] : cases) {
        const auto result = parse_url(text);
        ASSERT_TRUE(result.url) << text << ": " << result.fault;
        EXPECT_EQ(*result.url, url) << text;
        EXPECT_EQ(parse_url(render_url(*result.url)).url, url) << text;
    }
}

TEST(Url, OthersAreRefusedWithAReason) {
    using namespace std::string_view_literals;
    for (const auto text :
         {""sv, "upstream.example"sv, "//upstream.example/"sv, "/a"sv, "http:"sv, "http:/"sv,
          "http:upstream.example"sv, "http:/upstream.example"sv, "http://"sv, "http:///a"sv, "http://?a"sv,
          "http://:80/"sv, "ftp://upstream.example/"sv, "file:///etc/passwd"sv,
          "gopher://upstream.example/"sv, " http://upstream.example/"sv, "http://upstream.example/ "sv,
          "http://up stream.example/"sv, "http://upstream.example/a b"sv,
          "http://upstream.example/\r\nX: y"sv, "http://upstream.example/\0"sv,
          "http://upstream.example\0/"sv, "http://upstream.example/\t"sv, "http://upstream.example/\x7f"sv,
          "http://upstream.example\\@evil.example/"sv, "http://upstream.example/\\"sv,
          "http:\\\\upstream.example/"sv, "http://user@upstream.example/"sv,
          "http://user:secret@upstream.example/"sv, "http://@upstream.example/"sv,
          "http://upstream.example@evil.example/"sv, "http://upstream.example:80@evil.example/"sv,
          "http://upstream.example:/"sv, "http://upstream.example:0/"sv, "http://upstream.example:65536/"sv,
          "http://upstream.example:99999999999/"sv, "http://upstream.example:080/"sv,
          "http://upstream.example:+80/"sv, "http://upstream.example:80:80/"sv,
          "http://upstream.example:http/"sv, "http://bücher.example/"sv, "http://upstream.example/ü"sv,
          "http://upstream%2eexample/"sv, "http://.upstream.example/"sv, "http://upstream.example./"sv,
          "http://upstream..example/"sv, "http://./"sv, "http://up*stream.example/"sv,
          "http://upstream.example/%"sv, "http://upstream.example/%4"sv, "http://upstream.example/%zz"sv,
          "http://upstream.example/\"a\""sv, "http://upstream.example/<a>"sv,
          "http://upstream.example/#a b"sv,
          // Numbers that inet_aton and others read as addresses.
          "http://127.1/"sv, "http://2130706433/"sv, "http://0x7f000001/"sv, "http://0x7f.1/"sv,
          "http://0177.0.0.1/"sv, "http://017700000001/"sv, "http://0x7f.0x0.0x0.0x1/"sv, "http://0x/"sv,
          "http://1.2.3.4.5/"sv, "http://256.1.1.1/"sv, "http://1.2.3/"sv, "http://127.0.0.1./"sv,
          "http://upstream.0x1/"sv, "http://upstream.1/"sv, "http://01.2.3.4/"sv, "http://[::1/"sv,
          "http://::1/"sv, "http://[]/"sv, "http://[::1]x/"sv, "http://[::1]:/"sv, "http://[::1]:0/"sv,
          "http://[fe80::1%25eth0]/"sv, "http://[fe80::1%eth0]/"sv, "http://[v1.x]/"sv,
          "http://[127.0.0.1]/"sv, "http://[::ffff:127.0.0.1]/"sv, "http://[::ffff:7f00:1]/"sv,
          "http://x[::1]/"sv}) {
        const auto result = parse_url(text);
        EXPECT_FALSE(result.url) << text;
        EXPECT_FALSE(result.fault.empty()) << text;
    }
}

TEST(Url, LengthsAreLimited) {
    const std::string label(63, 'a');
    EXPECT_TRUE(parse_url("http://" + label + ".example/").url);
    EXPECT_FALSE(parse_url("http://" + label + "a.example/").url);
    EXPECT_TRUE(parse_url("http://" + label + "." + label + "." + label + "." + label.substr(2) + "/").url);
    EXPECT_FALSE(parse_url("http://" + label + "." + label + "." + label + "." + label + "/").url);
    const std::string prefix = "http://upstream.example/";
    EXPECT_TRUE(parse_url(prefix + std::string(limits::url_bytes - prefix.size(), 'a')).url);
    EXPECT_FALSE(parse_url(prefix + std::string(limits::url_bytes - prefix.size() + 1, 'a')).url);
}

TEST(Url, AuthorityIsForTheHostHeader) {
    EXPECT_EQ(parse_url("http://upstream.example:80/").url->authority(), "upstream.example");
    EXPECT_EQ(parse_url("https://upstream.example:80/").url->authority(), "upstream.example:80");
    EXPECT_EQ(parse_url("https://[::1]:443/").url->authority(), "[::1]");
    EXPECT_EQ(parse_url("http://[::1]:443/").url->authority(), "[::1]:443");
}

TEST(Url, OriginIsSchemeHostAndPort) {
    const auto base = *parse_url("https://upstream.example/a").url;
    EXPECT_TRUE(has_same_origin(base, *parse_url("https://UPSTREAM.example:443/b").url));
    EXPECT_FALSE(has_same_origin(base, *parse_url("http://upstream.example:443/a").url));
    EXPECT_FALSE(has_same_origin(base, *parse_url("https://upstream.example:444/a").url));
    EXPECT_FALSE(has_same_origin(base, *parse_url("https://cdn.upstream.example/a").url));
}

TEST(Authority, StandsAlone) {
    EXPECT_EQ(parse_authority("Registry.Example:8443").authority,
              (Authority{"registry.example", 8443, false}));
    EXPECT_EQ(parse_authority("registry.example").authority,
              (Authority{"registry.example", std::nullopt, false}));
    EXPECT_EQ(parse_authority("[::1]:80").authority, (Authority{"::1", 80, true}));
    for (const auto text : {"", "a/b", "a?b", "a#b", "a@b", "a:b:c", "a b", "a,b"})
        EXPECT_FALSE(parse_authority(text).authority) << text;
}

// RFC 3986 §5.4, but for what a fragment does.
TEST(ResolveReference, FollowsTheSpecificationsExamples) {
    const auto base = *parse_url("http://a/b/c/d;p?q").url;
    const struct {
        std::string_view reference, target;
    } cases[] = {
        {"g", "http://a/b/c/g"},
        {"./g", "http://a/b/c/g"},
        {"g/", "http://a/b/c/g/"},
        {"/g", "http://a/g"},
        {"//g", "http://g/"},
        {"?y", "http://a/b/c/d;p?y"},
        {"g?y", "http://a/b/c/g?y"},
        {"#s", "http://a/b/c/d;p?q"},
        {"g#s", "http://a/b/c/g"},
        {"g?y#s", "http://a/b/c/g?y"},
        {";x", "http://a/b/c/;x"},
        {"g;x", "http://a/b/c/g;x"},
        {"", "http://a/b/c/d;p?q"},
        {".", "http://a/b/c/"},
        {"./", "http://a/b/c/"},
        {"..", "http://a/b/"},
        {"../", "http://a/b/"},
        {"../g", "http://a/b/g"},
        {"../..", "http://a/"},
        {"../../", "http://a/"},
        {"../../g", "http://a/g"},
        {"../../../g", "http://a/g"},
        {"../../../../g", "http://a/g"},
        {"/./g", "http://a/g"},
        {"/../g", "http://a/g"},
        {"g.", "http://a/b/c/g."},
        {".g", "http://a/b/c/.g"},
        {"g..", "http://a/b/c/g.."},
        {"..g", "http://a/b/c/..g"},
        {"./../g", "http://a/b/g"},
        {"./g/.", "http://a/b/c/g/"},
        {"g/./h", "http://a/b/c/g/h"},
        {"g/../h", "http://a/b/c/h"},
        {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
        {"g;x=1/../y", "http://a/b/c/y"},
        {"g?y/./x", "http://a/b/c/g?y/./x"},
        {"g?y/../x", "http://a/b/c/g?y/../x"},
        {"?", "http://a/b/c/d;p?"},
        {"?#", "http://a/b/c/d;p?"},
        {"https://upstream.example:8443/x/../y?z", "https://upstream.example:8443/y?z"},
        {"//upstream.example:81/../x", "http://upstream.example:81/x"},
        {"/.//upstream.example/x", "http://a//upstream.example/x"},
    };
    for (const auto& [reference, target] : cases) {
        const auto result = resolve_reference(base, reference);
        ASSERT_TRUE(result.url) << reference << ": " << result.fault;
        EXPECT_EQ(render_url(*result.url), target) << reference;
    }
}

TEST(ResolveReference, KeepsPortAndBrackets) {
    const auto base = *parse_url("https://[2001:db8::1]:8443").url;
    EXPECT_EQ(render_url(*resolve_reference(base, "x?y").url), "https://[2001:db8::1]:8443/x?y");
    EXPECT_EQ(render_url(*resolve_reference(base, "//upstream.example").url), "https://upstream.example/");
}

TEST(ResolveReference, IsAsStrictAsAnyUrl) {
    const auto base = *parse_url("http://upstream.example/a").url;
    for (const auto text :
         {"file:///etc/passwd", "javascript:alert(1)", "http:g", "http:/g", "//user@evil.example/",
          "//127.1/", "///x", "\\\\evil.example\\", "/\\evil.example", "a b", "/a\r\nX: y", "/%zz", "/ü",
          "//evil.example:0/", "#a b", "a:b"})
        EXPECT_FALSE(resolve_reference(base, text).url) << text;
    EXPECT_FALSE(resolve_reference(base, std::string(limits::url_bytes + 1, 'a')).url);
}

}  // namespace
}  // namespace lodestone::http
