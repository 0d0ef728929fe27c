// `npm stage` over HTTP, on both engines: what clients send and read, who may, and that nobody is shown what
// waits.
#include <gmock/gmock.h>

#include "support/npm_shop.hpp"

namespace lodestone::formats::npm {
namespace {

using test::Packed;
using test::Reply;
using ::testing::HasSubstr;

class NpmStage : public test::NpmShop {
  protected:
    Reply stage(const Packed& packed) {
        return ask("POST " + at("-/stage/package/" + escape(packed.name)),
                   boost::json::serialize(packed.document()));
    }
    std::string stage_one(const Packed& packed) {
        const Reply made = stage(packed);
        EXPECT_EQ(made.status, 201) << made.body;
        EXPECT_EQ(made.at("/ok"), "true");
        return made.at("/stageId");
    }
    Reply approve(const std::string& id) { return ask("POST " + at("-/stage/" + id + "/approve")); }
    Reply reject(const std::string& id) { return ask("DELETE " + at("-/stage/" + id)); }
    std::string make_scoped_key(const std::vector<std::string>& actions, const std::string& resource) {
        return make_key("acme", "owner",
                        identity::Scopes({{.actions = actions, .resources = {resource}, .tags = {}}}));
    }
};
INSTANTIATE_ON_EVERY_DATABASE(NpmStage);

TEST_P(NpmStage, IsHeldBackUntilItIsApproved) {
    const Packed packed{.name = "@acme/left-pad",
                        .tag = "next",
                        .manifest = {{"dependencies", boost::json::object{{"b", "^1.0.0"}}}},
                        .attachments = {{"@acme/left-pad-1.0.0.sigstore",
                                         boost::json::object{{"content_type", "application/vnd.dev.sigstore"},
                                                             {"data", "{\"a\":1}"},
                                                             {"length", 7}}}}};
    const std::string id = stage_one(packed);
    EXPECT_EQ(id.size(), 36U) << id;
    for (const char* path :
         {"@acme/left-pad", "@acme%2fleft-pad/1.0.0", "@acme/left-pad/-/left-pad-1.0.0.tgz",
          "@acme/left-pad/next", "-/npm/v1/attestations/@acme/left-pad@1.0.0"})
        EXPECT_EQ(fetch(path).status, 404) << path;
    EXPECT_EQ(fetch("-/v1/search?text=left").at("/total"), "0");

    const Reply item = fetch("-/stage/" + id);
    ASSERT_EQ(item.status, 200) << item.body;
    EXPECT_EQ(item.at("/id"), id);
    EXPECT_EQ(item.at("/packageName") + " " + item.at("/version") + " " + item.at("/tag"),
              "@acme/left-pad 1.0.0 next");
    EXPECT_EQ(item.at("/actor"), "owner");
    EXPECT_EQ(item.at("/shasum").size(), 40U);
    EXPECT_THAT(item.header("cache-control"), HasSubstr("no-store"));
    const Reply tarball = fetch("-/stage/" + id + "/tarball");
    EXPECT_EQ(tarball.status, 200);
    EXPECT_EQ(tarball.body, packed.bytes());

    const Reply approved = approve(id);
    ASSERT_EQ(approved.status, 201) << approved.body;
    EXPECT_EQ(approved.at("/id"), "@acme/left-pad@1.0.0");
    const Reply whole = fetch("@acme/left-pad");
    EXPECT_EQ(whole.at("/dist-tags/next"), "1.0.0");
    EXPECT_EQ(whole.at("/versions/1.0.0/dependencies/b"), "^1.0.0");
    EXPECT_EQ(whole.at("/versions/1.0.0/dist/shasum"), item.at("/shasum"));
    EXPECT_EQ(fetch("-/npm/v1/attestations/@acme/left-pad@1.0.0").status, 200);
    EXPECT_EQ(fetch("@acme/left-pad/-/left-pad-1.0.0.tgz").body, packed.bytes());
    EXPECT_EQ(approve(id).status, 404);
    EXPECT_EQ(fetch("-/stage/" + id).status, 404);
    EXPECT_EQ(fetch("-/stage").at("/total"), "0");
    EXPECT_EQ(run_sql("SELECT count(*) FROM downloads"), "0") << "a look before is no download";
}

TEST_P(NpmStage, IsRejected) {
    const std::string id = stage_one({});
    EXPECT_EQ(reject(id).status, 200);
    EXPECT_EQ(reject(id).status, 404);
    EXPECT_EQ(approve(id).status, 404);
    EXPECT_EQ(fetch("left-pad").status, 404);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_uses"), "0");
    stage_one({});
}

TEST_P(NpmStage, IsListedByPages) {
    for (const char* version : {"1.0.0", "1.0.1", "1.0.2"}) {
        stage_one({.version = version});
        clock().advance(std::chrono::seconds(1));
    }
    const std::string scoped = stage_one({.name = "@acme/one"});
    const Reply all = fetch("-/stage?page=0&perPage=100");
    EXPECT_EQ(all.at("/total") + all.at("/page") + all.at("/perPage"), "40100");
    const Reply second = fetch("-/stage?page=1&perPage=3");
    EXPECT_EQ(second.json.at("items").as_array().size(), 1U);
    EXPECT_EQ(second.at("/items/0/id") + second.at("/total"), scoped + "4");
    EXPECT_EQ(fetch("-/stage?page=9&perPage=3").at("/items"), "[]");
    const Reply one = fetch("-/stage?package=%40acme%2Fone");
    EXPECT_EQ(one.at("/total") + one.at("/items/0/packageName"), "1@acme/one");
    EXPECT_EQ(fetch("-/stage?package=none").at("/total"), "0");
    for (const char* query : {"page=-1", "page=x&perPage=", "perPage=0", "perPage=99999999999999999999"})
        EXPECT_EQ(fetch(std::string("-/stage?") + query).status, 200) << query;
}

TEST_P(NpmStage, VersionsThatAreThereOrStagedAreRefused) {
    const std::string id = stage_one({});
    const Reply again = stage({});
    EXPECT_EQ(again.status, 409);
    EXPECT_THAT(again.at("/error"), HasSubstr("is staged already, as " + id));
    ASSERT_EQ(publish({}).status, 201) << "whoever may publish waits for nobody";
    EXPECT_EQ(approve(id).status, 409);
    EXPECT_EQ(fetch("-/stage/" + id).status, 200) << "it stays";
    EXPECT_EQ(reject(id).status, 200);
    EXPECT_EQ(stage({}).status, 409) << "it is published";
}

// What could not be published cannot be staged either, and nothing is left of it.
TEST_P(NpmStage, IsCheckedAsWhatIsPublished) {
    EXPECT_EQ(stage({.tarball = "no archive"}).status, 400);
    EXPECT_EQ(stage({.tag = "1.x"}).status, 400);
    boost::json::object document = Packed{}.document();
    const auto post = [&](const std::string& name) {
        return ask("POST " + at("-/stage/package/" + name), boost::json::serialize(document)).status;
    };
    EXPECT_EQ(post("other"), 400);
    EXPECT_EQ(post(".hidden"), 400);
    document["versions"].as_object()["1.0.0"].as_object()["dist"].as_object()["shasum"] =
        std::string(40, '0');
    EXPECT_EQ(post("left-pad"), 400);
    document.erase("_attachments");
    EXPECT_EQ(post("left-pad"), 400);
    EXPECT_EQ(run_sql("SELECT count(*) FROM staged_publications"), "0");
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_uses"), "0");
}

TEST_P(NpmStage, WhoMayOnlyStageApprovesNothing) {
    const std::string mine = stage_one({.name = "@acme/one"});
    const std::string theirs = stage_one({.name = "@acme/two"});
    act_as(make_scoped_key({"package:stage"}, "package:packages/@acme/one"));
    stage_one({.name = "@acme/one", .version = "2.0.0"});
    EXPECT_EQ(stage({.name = "@acme/two", .version = "2.0.0"}).status, 403);
    EXPECT_EQ(publish({.name = "@acme/one", .version = "3.0.0"}).status, 403);
    EXPECT_EQ(fetch("-/stage").at("/total"), "2") << "of its package alone";
    EXPECT_EQ(fetch("-/stage/" + mine).status, 200);
    EXPECT_EQ(fetch("-/stage/" + theirs).status, 403);
    EXPECT_EQ(fetch("-/stage/" + theirs + "/tarball").status, 403);
    EXPECT_EQ(approve(mine).status, 403);
    EXPECT_EQ(reject(mine).status, 403);
    act_as(make_scoped_key({"package:publish"}, "package:packages/@acme/one"));
    stage_one({.name = "@acme/one", .version = "4.0.0"});
    EXPECT_EQ(approve(theirs).status, 403);
    EXPECT_EQ(reject(theirs).status, 403);
    EXPECT_EQ(approve(mine).status, 201) << "who may publish may do both";
    act_as(make_scoped_key({"package:read", "package:download"}, "*"));
    for (const std::string& path :
         {std::string("-/stage"), "-/stage/" + theirs, "-/stage/" + theirs + "/tarball"})
        EXPECT_EQ(fetch(path).status, 403) << path;
}

TEST_P(NpmStage, NobodyElseSeesIt) {
    const std::string id = stage_one({});
    act_as("");
    EXPECT_EQ(fetch("-/stage/" + id).status, 401);
    EXPECT_EQ(approve(id).status, 401);
    act_as(make_tenant("other"));
    for (const std::string& path : {std::string("-/stage"), "-/stage/" + id, "-/stage/" + id + "/tarball"})
        EXPECT_EQ(fetch(path).status, 404) << path;
    EXPECT_EQ(approve(id).status, 404);
    act_as(owner_);
    make_repository("npm", "elsewhere");
    EXPECT_EQ(ask("POST /npm/acme/elsewhere/-/stage/" + id + "/approve").status, 404);
    EXPECT_EQ(ask("DELETE /npm/acme/elsewhere/-/stage/" + id).status, 404);
    for (const std::string& odd : {std::string("x"), std::string(300, 'a'), std::string("%20")})
        EXPECT_EQ(fetch("-/stage/" + odd).status, 404) << odd;
    for (const std::string& odd : {std::string("%00"), id + "%2f.."})
        EXPECT_EQ(fetch("-/stage/" + odd).status, 400) << odd;
}

TEST_P(NpmStage, EndsByItself) {
    const std::string id = stage_one({});
    // Numbers of blobs never go back within a process, and a clock that is a month ahead would have them wait
    // for the tests that follow.
    run_sql("UPDATE staged_publications SET expires_at = 1");
    EXPECT_EQ(fetch("-/stage/" + id).status, 404);
    EXPECT_EQ(fetch("-/stage").at("/total"), "0");
    EXPECT_EQ(approve(id).status, 404);
    stage_one({});
}

TEST_P(NpmStage, OfTwoWhoApproveOneIsTold) {
    const std::string id = stage_one({});
    std::atomic<int> made{0};
    std::atomic<int> late{0};
    test::run_at_once(4, [&](int) {
        const int status = approve(id).status;
        if (status == 201) ++made;
        if (status == 404) ++late;
    });
    EXPECT_EQ(made, 1);
    EXPECT_EQ(late, 3);
}

// What replaces a version asks whoever approves for the right to that.
TEST_P(NpmStage, ReplacesWhereTheRepositoryLetsIt) {
    make_repository("npm", "nightly", R"(,"settings":{"overwrite":"allowed"})");
    const auto send = [&](const char* content) {
        Packed packed;
        packed.tarball = test::make_tgz(
            {{.path = "package/package.json", .content = R"({"name":"left-pad","version":"1.0.0"})"},
             {.path = "package/index.js", .content = content}});
        return ask("POST /npm/acme/nightly/-/stage/package/left-pad",
                   boost::json::serialize(packed.document()));
    };
    const auto approve_as = [&](const std::string& key, const std::string& id) {
        act_as(key);
        const int status = ask("POST /npm/acme/nightly/-/stage/" + id + "/approve").status;
        act_as(owner_);
        return status;
    };
    EXPECT_EQ(approve_as(owner_, send("1").at("/stageId")), 201);
    const std::string id = send("2").at("/stageId");
    EXPECT_EQ(approve_as(make_scoped_key({"package:publish"}, "repository:nightly"), id), 403);
    EXPECT_EQ(approve_as(owner_, id), 201);
}

}  // namespace
}  // namespace lodestone::formats::npm
