// Search over HTTP on both engines: who finds what, and what becomes of odd questions.
#include "base/number_id.hpp"
#include "http/message/path.hpp"
#include "packages/publish.hpp"
#include "support/api_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

class SearchApi : public test::ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        owner_ = make_tenant("acme");
        act_as(owner_);
        for (const char* app : {"shop", "bank"})
            EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps",
                          R"({"id":")" + std::string(app) + R"(","name":")" + app + R"("})")
                          .status,
                      201);
    }
    void make_repository(const std::string& name, const std::string& app,
                         const std::string& format = "generic") {
        const Reply made =
            ask("POST /api/v1/tenants/acme/repositories",
                R"({"app_id":")" + app + R"(","format":")" + format + R"(","name":")" + name + "\"}");
        ASSERT_EQ(made.status, 201) << made.body;
        auto entry = std::make_shared<packages::RepositoryEntry>();
        entry->id = packages::RepositoryId::trusted(made.at("/id"));
        entry->name = name;
        entry->number = std::stoll(run_sql("SELECT number FROM repositories WHERE name = '" + name + "'"));
        packages::Publication wanted{.tenant = TenantId::trusted("acme"), .repository = entry};
        wanted.package_name = wanted.package_key = name + "-tool";
        wanted.version_name = wanted.version_key = "1";
        wanted.summary.description = "What is in " + name;
        wanted.check_may = [](std::string_view) {};
        const auto ids = packages::make_publication_ids(context());
        write([&](db::Tx& tx) { packages::publish(tx, wanted, ids); });
    }
    // The names, and "…" where there is more.
    std::string find(const std::string& query) {
        const Reply page = ask("GET /api/v1/tenants/acme/search?" + query);
        if (page.status != 200) return page.refusal();
        std::string names;
        for (const auto& item : page.json.at("items").as_array())
            names += (names.empty() ? "" : " ") + std::string(item.at("name").as_string());
        return names + (page.header("link").empty() ? "" : " …");
    }

    std::string owner_;
};
INSTANTIATE_ON_EVERY_DATABASE(SearchApi);

TEST_P(SearchApi, FindsAcrossFormatsAndFilters) {
    make_repository("files", "shop");
    make_repository("images", "bank", "oci");
    EXPECT_EQ(find("q=tool"), "files-tool images-tool");
    EXPECT_EQ(find("q=tool&format=oci"), "images-tool");
    EXPECT_EQ(find("q=tool&app_id=shop"), "files-tool");
    EXPECT_EQ(find("q=tool&repository=files"), "files-tool");
    EXPECT_EQ(find("q=tool&repository=none"), "");
    EXPECT_EQ(find("q=tool&limit=1"), "files-tool …");
    const Reply page = ask("GET /api/v1/tenants/acme/search?q=images");
    EXPECT_EQ(page.at("/items/0/repository") + " " + page.at("/items/0/format") + " " +
                  page.at("/items/0/app_id") + " " + page.at("/items/0/description"),
              "images oci bank What is in images");
    EXPECT_EQ(find(""), "400 invalid-input Say what to search for: the query's parameter q is missing.");
    EXPECT_EQ(find("q=tool&sort=name").substr(0, 3), "400");
    EXPECT_EQ(find("q=tool&color=red").substr(0, 3), "400");
}

TEST_P(SearchApi, ShowsOnlyWhatMayBeListed) {
    make_repository("files", "shop");
    make_repository("safe", "bank");
    make_repository("shown", "bank");
    EXPECT_EQ(
        ask("PATCH /api/v1/tenants/acme/repositories/shown", R"({"visibility":"public"})", if_match("*"))
            .status,
        200);
    EXPECT_EQ(find("q=tool"), "files-tool safe-tool shown-tool") << "the owner";
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"ann","username":"ann"})").status, 201);
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/apps/shop/members/ann", R"({"role":"viewer"})").status, 200);
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(find("q=tool"), "files-tool shown-tool") << "a member of one app";
    EXPECT_EQ(find("q=tool&repository=safe"), "");
    act_as(make_key("acme", "owner",
                    std::vector{identity::Scope{
                        .actions = {"package:list"}, .resources = {"package:safe/*"}, .tags = {}}}));
    EXPECT_EQ(find("q=tool"), "safe-tool shown-tool") << "a key for one repository";
    act_as("");
    EXPECT_EQ(find("q=tool"), "shown-tool") << "a stranger";
    EXPECT_EQ(find("q=safe"), "");
    EXPECT_EQ(find("q=tool&limit=1"), "shown-tool") << "nothing tells that there is more";
    act_as(make_tenant("other"));
    EXPECT_EQ(find("q=tool"), "shown-tool") << "people of another tenant";
    act_as("lds_no_such_key");
    EXPECT_EQ(find("q=tool").substr(0, 3), "401");
    act_as("");
    EXPECT_EQ(ask("GET /api/v1/tenants/nobody/search?q=tool").at("/items"), "[]");
}

TEST_P(SearchApi, FindsNothingOfWhatAPolicyHides) {
    for (const char* name : {"a", "b", "c", "d"}) make_repository(name, "shop");
    const auto forbid = [&](const std::string& action, const std::string& resource) {
        const Reply made =
            ask("POST /api/v1/tenants/acme/policies",
                R"({"name":"no )" + resource + R"(","effect":"deny","subjects":["*"],"actions":[")" + action +
                    R"("],"resources":[")" + resource + R"("]})");
        EXPECT_EQ(made.status, 201) << made.body;
    };
    forbid("package:list", "package:b/b-tool");
    EXPECT_EQ(find("q=tool"), "a-tool c-tool d-tool");
    EXPECT_EQ(find("q=tool&repository=b"), "");
    forbid("package:read", "package:d/*");
    EXPECT_EQ(find("q=tool"), "a-tool c-tool") << "what one may list and not read";
    EXPECT_EQ(find("q=tool&limit=2"), "a-tool c-tool") << "nothing tells that there is more";
    EXPECT_EQ(find("q=tool&limit=1"), "a-tool …");
    const Reply page = ask("GET /api/v1/tenants/acme/search?q=tool&limit=1");
    const std::string link = page.header("link");
    const Reply rest = ask("GET " + link.substr(1, link.find('>') - 1));
    EXPECT_EQ(rest.at("/items/0/name") + rest.header("link"), "c-tool") << rest.body;
    act_as(
        make_key("acme", "owner",
                 std::vector{identity::Scope{
                     .actions = {"package:*"}, .resources = {"package:a/a-*", "package:c/x"}, .tags = {}}}));
    EXPECT_EQ(find("q=tool"), "a-tool") << "a key for a part of a repository";
}

// The page ends before all of them were looked at, and says nothing of them.
TEST_P(SearchApi, GoesOnBehindVeryManyThatAreHidden) {
    make_repository("hidden", "shop");
    make_repository("shown", "shop");
    run_sql(
        "INSERT INTO packages (tenant_id, repository_id, id, number, name, name_key, description, keywords, "
        "                      metadata, version, created_at, created_by, updated_at, updated_by) "
        "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 5200) "
        "SELECT p.tenant_id, p.repository_id, 'hidden-' || CAST(i AS text), i, 'hidden-' || CAST(i AS text), "
        "       'hidden-' || CAST(i AS text), '', '[]', '{}', 1, 0, 'x', 0, 'x' "
        "FROM packages AS p CROSS JOIN s WHERE p.name = 'hidden-tool'");
    run_sql(GetParam() == db::EngineKind::sqlite
                ? "INSERT INTO package_words (rowid, name, keywords, words) "
                  "SELECT n.number, w.name, w.keywords, w.words FROM packages AS n CROSS JOIN packages AS p "
                  "CROSS JOIN package_words AS w "
                  "WHERE n.number < 5201 AND p.name = 'hidden-tool' AND w.rowid = p.number"
                : "INSERT INTO package_words (tenant_id, number, name, keywords, words) "
                  "SELECT n.tenant_id, n.number, w.name, w.keywords, w.words FROM packages AS n "
                  "CROSS JOIN packages AS p CROSS JOIN package_words AS w "
                  "WHERE n.number < 5201 AND p.name = 'hidden-tool' AND w.number = p.number");
    act_as(make_key(
        "acme", "owner",
        std::vector{identity::Scope{
            .actions = {"package:*"}, .resources = {"package:hidden/none", "package:shown/*"}, .tags = {}}}));
    EXPECT_EQ(find("q=tool"), " …");
    const std::string link = ask("GET /api/v1/tenants/acme/search?q=tool").header("link");
    const Reply rest = ask("GET " + link.substr(1, link.find('>') - 1));
    EXPECT_EQ(rest.at("/items/0/name") + rest.header("link"), "shown-tool") << rest.body;
}

TEST_P(SearchApi, AnswersOddQuestions) {
    make_repository("files", "shop");
    for (const std::string& typed :
         {std::string("\""), std::string("NEAR("), std::string("files* OR (x)"), std::string("-files"),
          std::string("'; DROP TABLE packages; --"), std::string("\\"), std::string("files:*"),
          std::string("画像"), std::string("%_")}) {
        const Reply page = ask("GET /api/v1/tenants/acme/search?q=" + http::encode_path_text(typed));
        EXPECT_EQ(page.status, 200) << typed << page.body;
    }
    EXPECT_EQ(find("q=%22files%22+-tool"), "files-tool");
    EXPECT_EQ(find("q=***"), "");
    EXPECT_EQ(find("q=files%00").substr(0, 3), "400");
    EXPECT_EQ(find("q=%FF%FE").substr(0, 3), "400");
    EXPECT_EQ(find("q=" + std::string(600, 'x')).substr(0, 3), "400");
    EXPECT_EQ(find("q=" + std::string(10'240, 'x')).front(), '4');
    EXPECT_EQ(find("q="), "");
}

}  // namespace
}  // namespace lodestone::api
