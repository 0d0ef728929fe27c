// What every format owes, whatever it speaks: asked of each that is served, over HTTP and on both engines. A
// new format is in here as soon as it is in the list.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/enum_text.hpp"
#include "support/files.hpp"
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

    // Where a protocol takes a file as it is and gives it back at the same address.
    static const http::Route* find_twin(const Format& format, const http::Route& route, http::Method method) {
        const auto found = std::ranges::find_if(format.routes, [&](const http::Route& other) {
            return other.method == method && other.pattern == route.pattern;
        });
        return found == format.routes.end() ? nullptr : &*found;
    }
    template <class Check>
    void for_each_file_route(Check check) {
        for_each_route([&](const Format& format, const http::Route& route) {
            const http::Route* fetched = find_twin(format, route, http::Method::get);
            if (route.method == http::Method::put && route.access.permission == "package:publish" &&
                fetched != nullptr && fetched->access.permission == "package:download")
                check(format, route, *fetched);
        });
    }
    // What parsers of the format have to take, and to refuse.
    static std::vector<std::string> list_test_data(const Format& format) {
        std::vector<std::string> texts;
        const auto folder = test::source_path("src/formats/" + std::string(format.name) + "/testdata");
        for (const char* kind : {"accept", "reject"})
            if (std::filesystem::exists(folder / kind))
                for (const auto& file : test::list_files(folder / kind))
                    texts.push_back(test::read_file(file));
        return texts;
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
        EXPECT_FALSE(format->kinds.empty()) << format->name;
        EXPECT_TRUE(format->mount.ends_with("/{tenant}/{repository}")) << format->mount;
        const std::string_view prefix = packages::mount_prefix(*format);
        EXPECT_EQ(std::ranges::count_if(packages::served_formats(),
                                        [&](const Format* other) {
                                            return packages::mount_prefix(*other).starts_with(prefix);
                                        }),
                  1)
            << prefix << " is one format's alone";
        for (const http::Route& route : format->routes) {
            EXPECT_TRUE(route.pattern.starts_with(prefix)) << route.pattern;
            if (route.access.kind != http::Access::Kind::permission) continue;
            EXPECT_EQ(route.access.target.repository, "repository") << route.pattern;
            EXPECT_EQ(route.access.target.format, format->name)
                << route.pattern << " would serve repositories of other formats";
        }
        for (const http::Route& route : format->root_routes) {
            EXPECT_EQ(packages::find_format_of_path(packages::served_formats(), route.pattern), nullptr)
                << route.pattern << " lies in a mount: it belongs to `routes`";
            EXPECT_FALSE(route.pattern.starts_with("/api/")) << route.pattern;
            EXPECT_EQ(route.access.kind, http::Access::Kind::open) << route.pattern;
        }
    }
}

// The page that the API names, and the address in it.
TEST(Formats, AreExplained) {
    for (const Format* format : packages::served_formats()) {
        const auto page = test::source_path("docs/user/" + std::string(format->guide));
        ASSERT_TRUE(std::filesystem::is_regular_file(page)) << page;
        const std::string text = test::read_file(page);
        EXPECT_NE(text.find(packages::mount_prefix(*format)), text.npos) << page;
        EXPECT_NE(text.find('`' + std::string(format->name) + '`'), text.npos) << page;
    }
}

TEST_P(FormatConformance, AreListed) {
    act_as("");
    const Reply list = ask("GET /api/v1/formats");
    EXPECT_EQ(list.status, 200);
    for (std::size_t i = 0; i < packages::served_formats().size(); ++i) {
        const Format& format = *packages::served_formats()[i];
        const std::string at = "/formats/" + std::to_string(i);
        EXPECT_EQ(list.at(at + "/name") + list.at(at + "/title") + list.at(at + "/address") +
                      list.at(at + "/guide"),
                  std::string(format.name) + std::string(format.title) + std::string(format.mount) +
                      std::string(format.guide));
    }
}

// Whether a route takes the address or none does: clients read refusals in one form.
TEST_P(FormatConformance, RefusesInItsOwnWords) {
    act_as(owner_);
    for (const Format* format : packages::served_formats()) {
        const std::string prefix(packages::mount_prefix(*format));
        act_as("");
        const Reply by_a_route =
            ask(fill(*format,
                     *std::ranges::find(format->routes, http::Access::Kind::permission,
                                        [](const http::Route& route) { return route.access.kind; }),
                     "x"));
        EXPECT_EQ(by_a_route.status, 401);
        act_as(owner_);
        const Reply absent = ask("GET " + prefix + "acme");
        EXPECT_EQ(absent.status, 404) << prefix;
        const Reply untaken = ask("PATCH " + prefix);
        EXPECT_GE(untaken.status, 404) << prefix;
        const std::string type = format->render_problem == nullptr ? "application/problem+json"
                                                                   : by_a_route.header("content-type");
        EXPECT_EQ(by_a_route.header("content-type"), type) << format->name;
        EXPECT_EQ(absent.header("content-type"), type) << format->name;
        EXPECT_EQ(untaken.header("content-type"), type) << format->name;
    }
}

TEST_P(FormatConformance, WhatWasPublishedComesBackByteForByteAndStays) {
    act_as(owner_);
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) bytes += static_cast<char>(i * 7 % 256);
    for_each_file_route([&](const Format& format, const http::Route& published, const http::Route& fetched) {
        const std::string put = fill(format, published, "1.0");
        const std::string type = "Content-Type: application/octet-stream\r\n";
        // A protocol that takes only documents of its own kind has tests of its own for this.
        if (ask(put, bytes, type).status != 201) return;
        EXPECT_EQ(ask(put, "other", type).status, 409) << put;
        EXPECT_EQ(ask(fill(format, fetched, "1.0")).body, bytes) << put;
        EXPECT_EQ(ask(fill(format, fetched, "1.0"), {}, "Range: bytes=10-19\r\n").body, bytes.substr(10, 10));
        const Reply list =
            ask("GET /api/v1/tenants/acme/repositories/" + std::string(format.name) + "-one/packages");
        EXPECT_EQ(list.at("/items/0/name"), "1.0") << "it is found by the API: " << list.body;
        if (const http::Route* removed = find_twin(format, published, http::Method::del)) {
            EXPECT_LT(ask(fill(format, *removed, "1.0")).status, 300) << put;
            EXPECT_EQ(ask(fill(format, fetched, "1.0")).status, 404) << put;
            EXPECT_EQ(ask(put, "other", type).status, 409)
                << "other bytes never come under that name: " << put;
        }
    });
}

// No route may claim to serve what it does not: such a repository can neither be made nor, where it is there
// all the same, be reached.
TEST_P(FormatConformance, KindsThatItDoesNotServeAreNeitherMadeNorFound) {
    act_as(owner_);
    for (const Format* format : packages::served_formats()) {
        const std::string name(format->name);
        for (const char* kind : {"hosted", "proxy", "group"}) {
            if (packages::is_served(*format, *find_enumerator<packages::RepositoryKind>(kind))) continue;
            const Reply refused =
                ask("POST /api/v1/tenants/acme/repositories",
                    R"({"app_id":"shop","name":"other","format":")" + name + R"(","kind":")" + kind + "\"}");
            EXPECT_EQ(refused.status, 400) << name << kind;
            EXPECT_EQ(refused.at("/errors/0/pointer"), "/kind") << refused.body;
            run_sql("UPDATE repositories SET kind = '" + std::string(kind) + "' WHERE name = '" + name +
                    "-one'");
        }
        if (run_sql("SELECT kind FROM repositories WHERE name = '" + name + "-one'") == "hosted") continue;
        for (const http::Route& route : format->routes)
            if (route.access.kind == http::Access::Kind::permission)
                EXPECT_EQ(ask(fill(*format, route, "x")).status, 404) << fill(*format, route, "x");
    }
}

// The core's business, whatever is spoken: no format can forget it.
TEST_P(FormatConformance, KeepsToTheQuotaBeforeTheBodyAndAfter) {
    act_as(owner_);
    for_each_file_route([&](const Format& format, const http::Route& published, const http::Route&) {
        const std::string repository =
            "/api/v1/tenants/acme/repositories/" + std::string(format.name) + "-one";
        const std::string put = fill(format, published, "1.0");
        const std::string type = "Content-Type: application/octet-stream\r\n";
        if (ask(put, "0123456789", type).status != 201) return;
        EXPECT_EQ(
            ask("PATCH " + repository, R"({"settings":{"quota":{"max_bytes":100}}})", if_match("*")).status,
            200);
        const std::string other = fill(format, published, "2.0");
        EXPECT_EQ(ask(other, std::string(91, 'x'), type).status, 409) << other;
        const Reply unread = ask(other, {}, type + "Content-Length: 1000000000\r\nExpect: 100-continue\r\n");
        EXPECT_EQ(unread.status, 409) << "nobody waits for bytes that there is no room for: " << unread.body;
        EXPECT_EQ(ask(other, std::string(90, 'x'), type).status, 201) << other;
    });
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

TEST_P(FormatConformance, NoDocumentBreaksIt) {
    act_as(owner_);
    for (const Format* format : packages::served_formats()) {
        const std::vector<std::string> documents = list_test_data(*format);
        for (const http::Route& route : format->routes) {
            if (route.method != http::Method::put && route.method != http::Method::post) continue;
            for (const std::string& document : documents)
                EXPECT_LT(ask(fill(*format, route, "x"), document).status, 500)
                    << route.pattern << document.substr(0, 200);
        }
    }
}

}  // namespace
}  // namespace lodestone::formats
