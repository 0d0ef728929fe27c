// The catalogue on both engines: what whoever asks may see, in pages, and no walk without an end.
#include "base/image_limits.hpp"
#include "support/image_test.hpp"

namespace lodestone::formats::oci {
namespace {

using test::Reply;

class OciCatalog : public test::ImageTest {};
INSTANTIATE_ON_EVERY_DATABASE(OciCatalog);

TEST_P(OciCatalog, ShowsWhatOneMaySee) {
    make_repository("oci", "other");
    for (const char* image : {"b/x", "a"}) push_image(image, "1", "layer");
    const std::string index =
        std::string(R"({"schemaVersion":2,"mediaType":")") + test::index_type + R"(","manifests":[]})";
    EXPECT_EQ(ask("PUT /v2/acme/other/c/manifests/1", index,
                  std::string("Content-Type: ") + test::index_type + "\r\n")
                  .status,
              201);
    EXPECT_EQ(ask("GET /v2/_catalog?n=2147483648").at("/repositories"),
              R"(["acme/images/a","acme/images/b/x","acme/other/c"])");
    const Reply page = ask("GET /v2/_catalog?n=1&last=acme/images/a");
    EXPECT_EQ(page.at("/repositories"), R"(["acme/images/b/x"])");
    EXPECT_NE(page.header("link"), "");
    act_as(make_key(
        "acme", "owner",
        identity::Scopes({{.actions = {"package:*"}, .resources = {"package:images/b/*"}, .tags = {}}})));
    EXPECT_EQ(ask("GET /v2/_catalog").at("/repositories"), R"(["acme/images/b/x"])");
    act_as(make_tenant("stranger"));
    EXPECT_EQ(ask("GET /v2/_catalog").at("/repositories"), "[]");
    act_as("");
    const Reply nobody = ask("GET /v2/_catalog");
    EXPECT_EQ(refusal(nobody), "401 UNAUTHORIZED");
    EXPECT_NE(nobody.header("www-authenticate").find("registry:catalog:*"), std::string::npos);
}

TEST_P(OciCatalog, GoesOnThroughManyRepositories) {
    std::string all;
    for (int i = 10; i < 36; ++i) {
        const std::string name = "repository-" + std::to_string(i);
        make_repository("oci", name);
        const std::string index =
            std::string(R"({"schemaVersion":2,"mediaType":")") + test::index_type + R"(","manifests":[]})";
        ASSERT_EQ(ask("PUT /v2/acme/" + name + "/web/manifests/1", index,
                      std::string("Content-Type: ") + test::index_type + "\r\n")
                      .status,
                  201);
        all += " acme/" + name + "/web";
    }
    for (const char* size : {"1", "10", "25", "26", "100"}) {
        std::string seen;
        for (std::string url = "/v2/_catalog?n=" + std::string(size); !url.empty();) {
            const Reply page = ask("GET " + url);
            for (const auto& name : page.json.at("repositories").as_array())
                seen += " " + std::string(name.as_string());
            const std::string link = page.header("link");
            url = link.empty() ? link : link.substr(1, link.find('>') - 1);
        }
        EXPECT_EQ(seen, all) << size;
    }
}

TEST_P(OciCatalog, StopsWhereThereIsTooMuchToHide) {
    push_image("zz/seen", "1", "layer");
    push_image("zz/too", "1", "layer");
    run_sql(
        "INSERT INTO packages (tenant_id, repository_id, id, number, name, name_key, description, keywords, "
        "                      metadata, version, created_at, created_by, updated_at, updated_by) "
        "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 25000) "
        "SELECT p.tenant_id, p.repository_id, 'hidden-' || CAST(i AS text), i, 'hidden/' || CAST(i AS text), "
        "       'hidden/' || CAST(i AS text), '', '[]', '{}', 1, 0, 'x', 0, 'x' "
        "FROM packages AS p CROSS JOIN s WHERE p.name = 'zz/seen'");
    make_repository("oci", "another");
    act_as(make_key(
        "acme", "owner",
        identity::Scopes({{.actions = {"package:*"}, .resources = {"package:images/zz/*"}, .tags = {}}})));
    const auto next_of = [](const Reply& page) {
        const std::string link = page.header("link");
        return link.empty() ? link : "GET " + link.substr(1, link.find('>') - 1);
    };
    const Reply first = ask("GET /v2/_catalog?n=1");
    EXPECT_EQ(first.at("/repositories"), "[]");
    EXPECT_EQ(first.header("link").find("hidden/"), std::string::npos) << first.header("link");
    const Reply second = ask(next_of(first));
    EXPECT_EQ(second.at("/repositories"), R"(["acme/images/zz/seen"])");
    const Reply third = ask(next_of(second));
    EXPECT_EQ(third.at("/repositories"), R"(["acme/images/zz/too"])");
    EXPECT_EQ(third.header("link"), "");
    EXPECT_EQ(refusal(ask("GET /v2/_catalog?behind_repository=gone")), "400 UNSUPPORTED");
}

}  // namespace
}  // namespace lodestone::formats::oci
