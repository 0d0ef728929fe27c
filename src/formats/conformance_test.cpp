// What every format owes, whatever it speaks: asked of each that is served, over HTTP and on both engines. A
// new format is in here as soon as it is in the list.
#include <string>

#include "support/shop_test.hpp"

namespace lodestone::formats {
namespace {

using packages::Format;
using test::Reply;

class FormatConformance : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        stranger_ = make_tenant("other");
        for (const Format* format : packages::served_formats())
            make_repository(std::string(format->name), std::string(format->name) + "-one");
    }
    // The pattern with this in place of its parameters, in the format's own repository.
    static std::string fill(const Format& format, const http::Route& route, const std::string& value) {
        std::string path(route.pattern);
        for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{')) {
            const std::size_t end = path.find('}', at);
            const std::string name = path.substr(at + 1, end - at - 1);
            const std::string& with = name == "tenant"       ? tenant
                                      : name == "repository" ? std::string(format.name) + "-one"
                                                             : value;
            path.replace(at, end - at + 1, with);
        }
        return std::string(http::method_name(route.method)) + " " + path;
    }
    template <class Check>
    static void for_each_route(Check check) {
        for (const Format* format : packages::served_formats())
            for (const http::Route& route : format->routes) check(*format, route);
    }

    static inline const std::string tenant = "acme";
    std::string stranger_;
};
INSTANTIATE_ON_EVERY_DATABASE(FormatConformance);

TEST(Formats, DescribeThemselves) {
    ASSERT_FALSE(packages::served_formats().empty());
    for (const Format* format : packages::served_formats()) {
        EXPECT_TRUE(packages::is_repository_name(format->name)) << "it stands in addresses: " << format->name;
        EXPECT_FALSE(format->title.empty()) << format->name;
        for (const http::Route& route : format->routes) {
            if (route.access.kind != http::Access::Kind::permission) continue;
            EXPECT_EQ(route.access.target.repository, "repository") << route.pattern;
            EXPECT_EQ(route.access.target.format, format->name)
                << route.pattern << " would serve repositories of other formats";
        }
    }
}

TEST_P(FormatConformance, StrangersGetNothingThatIsPrivate) {
    for_each_route([&](const Format& format, const http::Route& route) {
        if (route.access.kind != http::Access::Kind::permission) return;
        const std::string line = fill(format, route, "x");
        act_as("");
        EXPECT_EQ(ask(line).status, 401) << line;
        act_as(stranger_);
        EXPECT_EQ(ask(line).status, 404) << line;
    });
}

TEST_P(FormatConformance, WhatIsNotThereIsNotFound) {
    act_as(owner_);
    for_each_route([&](const Format& format, const http::Route& route) {
        if (route.method != http::Method::get && route.method != http::Method::del) return;
        const Reply reply = ask(fill(format, route, "x"));
        EXPECT_LT(reply.status, 500) << fill(format, route, "x") << reply.body;
        if (route.pattern.find("{name") != route.pattern.npos)
            EXPECT_EQ(reply.status, 404) << fill(format, route, "x");
    });
}

TEST_P(FormatConformance, NothingThatIsSentBreaksIt) {
    act_as(owner_);
    for_each_route([&](const Format& format, const http::Route& route) {
        for (const char* value : {"x", "-", "~", "%C3%A4", "a%20b", "0", "sha256:0"})
            for (const std::string& body :
                 {std::string("{"), std::string("\xff\xfe\x00", 3), std::string("[]")})
                EXPECT_LT(
                    ask(fill(format, route, value), route.method == http::Method::get ? "" : body).status,
                    500)
                    << fill(format, route, value);
    });
}

}  // namespace
}  // namespace lodestone::formats
