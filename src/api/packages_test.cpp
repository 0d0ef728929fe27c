// Packages over HTTP on both engines: what a repository holds is shown, marked, taken back and brought back,
// to members of its app and, where it is public, shown to everybody.
#include <boost/json/serialize.hpp>

#include "base/number_id.hpp"
#include "packages/download.hpp"
#include "packages/publish.hpp"
#include "support/shop_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

class PackageApi : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        entry_->id = packages::RepositoryId::trusted(make_repository("generic", "files"));
        entry_->name = "files";
        entry_->number = std::stoll(run_sql("SELECT number FROM repositories"));
    }
    void publish(const std::string& name, const std::string& version, const std::string& bytes,
                 std::vector<std::string> tags = {}) {
        packages::Publication wanted{.tenant = TenantId::trusted("acme"), .repository = entry_};
        wanted.package_name = wanted.package_key = name;
        wanted.version_name = wanted.version_key = version;
        wanted.tags = std::move(tags);
        wanted.check_may = [](std::string_view) {};
        wanted.summary.description = "About " + name;
        blobs::RunningDigests running;
        running.add(bytes);
        clock().advance(std::chrono::seconds(1));
        const auto ids = packages::make_publication_ids(context());
        const auto blob = blobs::BlobId::make(context().clock, context().random);
        write([&](db::Tx& tx) {
            wanted.files = {{.name = "a.txt",
                             .blob_id = settle_blob(tx, running.digests(), bytes.size(), blob).id,
                             .sha256 = running.digests().sha256,
                             .size_bytes = static_cast<std::int64_t>(bytes.size()),
                             .content_type = "text/plain"}};
            packages::publish(tx, wanted, ids);
        });
    }
    std::string names(const std::string& place) {
        const Reply page = ask("GET " + files + place);
        std::string all = page.status == 200 ? "" : page.refusal();
        if (page.status == 200)
            for (const auto& item : page.json.at("items").as_array())
                all += (all.empty() ? "" : " ") + std::string(item.at("name").as_string());
        return all;
    }

    const std::string files = "/api/v1/tenants/acme/repositories/files";
    const std::shared_ptr<packages::RepositoryEntry> entry_ = std::make_shared<packages::RepositoryEntry>();
};
INSTANTIATE_ON_EVERY_DATABASE(PackageApi);

TEST_P(PackageApi, AreListedAndShown) {
    publish("tool", "1.0", "one", {"stable"});
    publish("tool", "2.0", "two", {"latest"});
    publish("@scope/lib", "1", "three");
    EXPECT_EQ(names("/packages"), "@scope/lib tool");
    EXPECT_EQ(names("/packages?search=about+TOOL"), "tool");
    EXPECT_EQ(names("/packages?name=to"), "tool");
    EXPECT_EQ(names("/packages/tool/versions"), "2.0 1.0");
    EXPECT_EQ(names("/packages/tool/versions?sort=name"), "1.0 2.0");
    EXPECT_EQ(names("/packages/tool/tags"), "latest stable");
    EXPECT_EQ(ask("GET " + files + "/packages/@scope%2Flib").at("/description"), "About @scope/lib");
    const Reply shown = ask("GET " + files + "/packages/tool/versions/1.0");
    EXPECT_EQ(shown.at("/name") + " " + shown.at("/tags/0") + " " + shown.at("/files/0/name"),
              "1.0 stable a.txt");
    EXPECT_EQ(shown.at("/files/0/sha256").size(), 64);
    EXPECT_EQ(ask("GET " + files).at("/usage"),
              R"({"bytes":11,"package_count":2,"version_count":3,"file_count":3})");
    EXPECT_EQ(ask("GET " + files + "/packages/none").refusal(), "404 not-found There is no package none.");
    EXPECT_EQ(ask("GET " + files + "/packages/tool/versions/9").refusal(),
              "404 not-found There is no version 9.");
}

TEST_P(PackageApi, TellHowOftenTheyWereFetched) {
    publish("tool", "1.0", "one");
    publish("lib", "1.0", "two");
    const std::string id = ask("GET " + files + "/packages/tool/versions/1.0").at("/id");
    const std::string package = ask("GET " + files + "/packages/tool").at("/id");
    EXPECT_EQ(ask("GET " + files + "/packages/tool").at("/downloads"), R"({"count":0,"last_day":null})");
    const packages::DownloadCount counts[] = {{.tenant_id = TenantId::trusted("acme"),
                                               .repository_id = entry_->id,
                                               .package_id = packages::PackageId::trusted(package),
                                               .version_id = packages::VersionId::trusted(id),
                                               .day = 20'787,
                                               .count = 7}};
    write([&](db::Tx& tx) { packages::add_downloads(tx, counts); });
    const std::string seven = R"({"count":7,"last_day":"2026-11-30"})";
    EXPECT_EQ(ask("GET " + files + "/packages/tool").at("/downloads"), seven);
    EXPECT_EQ(ask("GET " + files + "/packages/tool/versions").at("/items/0/downloads"), seven);
    EXPECT_EQ(ask("GET " + files + "/packages/tool/versions/1.0").at("/downloads"), seven);
    const Reply page = ask("GET " + files + "/packages");
    EXPECT_EQ(page.at("/items/0/downloads/count") + page.at("/items/1/downloads/count"), "07");
}

TEST_P(PackageApi, AreMarkedDeletedAndRestored) {
    publish("tool", "1.0", "one");
    const std::string version = files + "/packages/tool/versions/1.0";
    EXPECT_EQ(ask("POST " + version + "/yank", R"({"reason":"broken"})").at("/yank_reason"), "broken");
    EXPECT_EQ(names("/packages/tool/versions?state=published"), "");
    EXPECT_EQ(ask("POST " + version + "/unyank").at("/state"), "published");
    EXPECT_EQ(ask("POST " + version + "/deprecate", R"({"reason":"use 2.0"})").at("/deprecation"), "use 2.0");
    EXPECT_EQ(ask("POST " + version + "/undeprecate").at("/deprecation"), "");
    const std::string id = ask("GET " + version).at("/id");
    EXPECT_EQ(ask("DELETE " + version, "", if_match("\"1\"")).status, 412);
    EXPECT_EQ(ask("DELETE " + version).status, 204);
    EXPECT_EQ(ask("GET " + version).status, 404);
    EXPECT_EQ(ask("POST " + files + "/packages/tool/versions/" + id + "/restore").at("/name"), "1.0");
    const std::string package = ask("GET " + files + "/packages/tool").at("/id");
    EXPECT_EQ(ask("DELETE " + files + "/packages/tool").status, 204);
    EXPECT_EQ(names("/packages"), "");
    EXPECT_EQ(ask("POST " + files + "/packages/" + package + "/restore").at("/name"), "tool");
    EXPECT_EQ(names("/packages/tool/versions"), "1.0");
}

TEST_P(PackageApi, AreDescribedByPeople) {
    publish("tool", "1.0", "one");
    const std::string tool = files + "/packages/tool";
    EXPECT_EQ(ask("PATCH " + tool, R"({"description":"Ours"})").status, 428);
    const Reply changed =
        ask("PATCH " + tool, R"({"description":"Ours","keywords":["drill"],"metadata":{"team":"web"}})",
            if_match("\"1\""));
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.at("/description") + changed.at("/keywords") + changed.at("/metadata"),
              R"(Ours["drill"]{"team":"web"})");
    EXPECT_EQ(changed.at("/published_description") + changed.at("/published_keywords"), "About tool[]");
    EXPECT_EQ(changed.header("etag"), "\"2\"");
    publish("tool", "2.0", "two");
    const Reply shown = ask("GET " + tool);
    EXPECT_EQ(shown.at("/description") + shown.at("/keywords"), R"(Ours["drill"])");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/search?q=drill").at("/items/0/name"), "tool");
    EXPECT_EQ(ask("PATCH " + tool, R"({"description":"Late"})", if_match("\"2\"")).status, 412)
        << "it was published meanwhile";
    const Reply back = ask("PATCH " + tool, R"({"description":null})", if_match(shown.header("etag")));
    EXPECT_EQ(back.at("/description") + back.at("/keywords"), R"(About tool["drill"])") << back.body;
    EXPECT_EQ(back.at("/published_description"), "null");
    EXPECT_EQ(ask("PATCH " + files + "/packages/none", R"({})", if_match("*")).status, 404);
}

TEST_P(PackageApi, AreDescribedWithinLimits) {
    publish("tool", "1.0", "one");
    const auto fault = [&](const std::string& body) {
        const Reply reply = ask("PATCH " + files + "/packages/tool", body, if_match("*"));
        return std::to_string(reply.status) + " " + reply.at("/errors/0/pointer");
    };
    const std::string long_word(101, 'x');
    std::string many;
    for (int i = 0; i <= 50; ++i) many += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + '"';
    EXPECT_EQ(fault(R"({"description":7})"), "400 /description");
    EXPECT_EQ(fault(R"({"description":")" + std::string(5'000, 'x') + R"("})"), "400 /description");
    EXPECT_EQ(fault(R"({"keywords":"drill"})"), "400 /keywords");
    EXPECT_EQ(fault("{\"keywords\":[" + many + "]}"), "400 /keywords");
    EXPECT_EQ(fault(R"({"keywords":["a",")" + long_word + R"("]})"), "400 /keywords/1");
    EXPECT_EQ(fault(R"({"keywords":["a",""]})"), "400 /keywords/1");
    EXPECT_EQ(fault(R"({"keywords":["a","b","a"]})"), "400 /keywords/2");
    EXPECT_EQ(fault(R"({"keywords":["a "]})"), "400 /keywords/0");
    EXPECT_EQ(fault(R"({"metadata":null})"), "400 /metadata");
    EXPECT_EQ(fault(R"({"metadata":[]})"), "400 /metadata");
    EXPECT_EQ(fault(R"({"name":"other"})"), "400 /name") << "it is no field that can be changed";
    EXPECT_EQ(fault(R"({"traits":[]})"), "400 /traits");
    EXPECT_EQ(ask("GET " + files + "/packages/tool").at("/version"), "1") << "nothing was changed";
}

TEST_P(PackageApi, AreDescribedByWhomTheyMayBeChangedBy) {
    publish("tool", "1.0", "one");
    const std::string tool = files + "/packages/tool";
    for (const auto& [user, role] : {std::pair("ann", "viewer"), std::pair("bob", "maintainer")}) {
        const std::string name(user);
        EXPECT_EQ(
            ask("POST /api/v1/tenants/acme/users", R"({"id":")" + name + R"(","username":")" + name + R"("})")
                .status,
            201);
        EXPECT_EQ(ask("PUT /api/v1/tenants/acme/apps/shop/members/" + name,
                      R"({"role":")" + std::string(role) + R"("})")
                      .status,
                  200);
    }
    const auto describe_as = [&](const std::string& key) {
        act_as(key);
        return ask("PATCH " + tool, R"({"description":"Mine"})", if_match("*")).status;
    };
    EXPECT_EQ(describe_as(make_key("acme", "bob")), 200);
    EXPECT_EQ(describe_as(make_key("acme", "ann")), 403);
    EXPECT_EQ(describe_as(""), 401);
    EXPECT_EQ(describe_as(make_tenant("other")), 404);
}

TEST_P(PackageApi, TellSinceWhenThereIsSuchAName) {
    publish("tool", "1.0", "one");
    const std::string version = files + "/packages/tool/versions/1.0";
    const Reply first = ask("GET " + version);
    EXPECT_EQ(first.at("/first_published_at"), first.at("/published_at"));
    EXPECT_EQ(ask("DELETE " + files + "/packages/tool").status, 204);
    publish("tool", "1.0", "one");
    const Reply again = ask("GET " + version);
    EXPECT_EQ(again.at("/first_published_at"), first.at("/published_at"));
    EXPECT_NE(again.at("/published_at"), first.at("/published_at"));
    EXPECT_EQ(ask("GET " + files + "/packages/tool").at("/first_published_at"), first.at("/published_at"));
}

TEST_P(PackageApi, AreSeenByMembersOfTheAppAndByEverybodyWherePublic) {
    publish("tool", "1.0", "one");
    const Reply ann = ask("POST /api/v1/tenants/acme/users", R"({"id":"ann","username":"ann"})");
    EXPECT_EQ(ann.status, 201) << ann.body;
    const std::string owner = make_key("acme", "owner");
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(ask("GET " + files).status, 403) << "a member of no app";
    act_as(owner);
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/apps/shop/members/ann", R"({"role":"viewer"})").status, 200);
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(names("/packages"), "tool");
    EXPECT_EQ(ask("DELETE " + files + "/packages/tool").status, 403);
    act_as("");
    EXPECT_EQ(ask("GET " + files + "/packages").status, 401);
    act_as(owner);
    EXPECT_EQ(ask("PATCH " + files, R"({"visibility":"public"})", if_match("*")).status, 200);
    act_as("");
    EXPECT_EQ(names("/packages"), "tool");
    EXPECT_EQ(ask("DELETE " + files + "/packages/tool").status, 401);
}

// One package of a repository that is open may be hidden.
TEST_P(PackageApi, AreNotListedForWhomAPolicyHidesThem) {
    publish("plans", "1.0", "one");
    publish("tool", "1.0", "two");
    const std::string owner = make_key("acme", "owner");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/policies",
                  R"({"name":"No","effect":"deny","subjects":["role:viewer","anonymous"],)"
                  R"("actions":["package:*"],"resources":["package:files/plans"]})")
                  .status,
              201);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"ann","username":"ann"})").status, 201);
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/apps/shop/members/ann", R"({"role":"viewer"})").status, 200);
    EXPECT_EQ(names("/packages"), "plans tool");
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(names("/packages"), "tool");
    EXPECT_EQ(ask("GET " + files + "/packages/plans").status, 403);
    EXPECT_EQ(names("/packages?limit=1"), "") << "the page has another one behind it";
    EXPECT_NE(ask("GET " + files + "/packages?limit=1").at("/next"), "null");
    act_as(owner);
    EXPECT_EQ(ask("PATCH " + files, R"({"visibility":"public"})", if_match("*")).status, 200);
    act_as("");
    EXPECT_EQ(names("/packages"), "tool");
}

// The path says only an id.
TEST_P(PackageApi, AreBroughtBackByWhomNoPolicyKeepsFromThem) {
    publish("plans", "1.0", "one");
    const std::string id = ask("GET " + files + "/packages/plans").at("/id");
    EXPECT_EQ(ask("DELETE " + files + "/packages/plans").status, 204);
    const Reply policy = ask("POST /api/v1/tenants/acme/policies",
                             R"({"name":"No","effect":"deny","subjects":["*"],"actions":["package:restore"],)"
                             R"("resources":["package:files/plans"]})");
    EXPECT_EQ(policy.status, 201);
    EXPECT_EQ(ask("POST " + files + "/packages/" + id + "/restore").status, 403);
    EXPECT_EQ(names("/packages"), "") << "nothing came back";
    EXPECT_EQ(ask("DELETE /api/v1/tenants/acme/policies/" + policy.at("/id")).status, 204);
    EXPECT_EQ(ask("POST " + files + "/packages/" + id + "/restore").status, 200);
}

TEST_P(PackageApi, SayToStrangersNothingOfWhoMadeThem) {
    publish("tool", "1.0", "one", {"stable"});
    const std::string version = files + "/packages/tool/versions/1.0";
    EXPECT_EQ(ask("PATCH " + files, R"({"visibility":"public"})", if_match("*")).status, 200);
    const auto names_of_people = [&] {
        const Reply shown = ask("GET " + version);
        return ask("GET " + files + "/packages").at("/items/0/created_by") +
               ask("GET " + files + "/packages/tool").at("/created_by") +
               ask("GET " + files + "/packages/tool/versions").at("/items/0/published_by") +
               ask("GET " + files + "/packages/tool/tags").at("/items/0/updated_by") +
               shown.at("/created_by") + shown.at("/updated_by") + shown.at("/published_by") +
               shown.at("/files/0/created_by");
    };
    EXPECT_NE(names_of_people(), "");
    act_as("");
    EXPECT_EQ(names_of_people(), "");
    EXPECT_EQ(ask("GET " + version).at("/name"), "1.0");
}

}  // namespace
}  // namespace lodestone::api
