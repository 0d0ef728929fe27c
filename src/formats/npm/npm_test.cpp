// The life of npm packages over HTTP, on both engines.
#include <gmock/gmock.h>

#include "support/npm_shop.hpp"

namespace lodestone::formats::npm {
namespace {

using test::Packed;
using test::Reply;

class NpmFormat : public test::NpmShop {};
INSTANTIATE_ON_EVERY_DATABASE(NpmFormat);

constexpr const char* installer =
    "Accept: application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*\r\n";

TEST_P(NpmFormat, WhatIsPublishedIsInstalled) {
    const Packed packed{
        .manifest = {{"dependencies", boost::json::object{{"b", "^1.0.0"}}}, {"main", "x.js"}}};
    const Reply made = publish(packed);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.at("/ok") + made.at("/id"), "trueleft-pad");
    const Reply whole = fetch("left-pad");
    ASSERT_EQ(whole.status, 200) << whole.body;
    EXPECT_EQ(whole.header("content-type"), "application/json");
    EXPECT_THAT(whole.header("vary"), ::testing::HasSubstr("Accept"));
    EXPECT_EQ(whole.at("/dist-tags/latest"), "1.0.0");
    EXPECT_EQ(whole.at("/description"), "Pads a text.");
    EXPECT_EQ(whole.at("/versions/1.0.0/main"), "x.js");
    EXPECT_EQ(whole.at("/versions/1.0.0/dist/tarball"),
              "http://registry.example/npm/acme/packages/left-pad/-/left-pad-1.0.0.tgz");
    EXPECT_FALSE(whole.at("/time/1.0.0").empty());
    EXPECT_FALSE(whole.at("/_rev").empty());
    const Reply brief = fetch("left-pad", installer);
    EXPECT_EQ(brief.header("content-type"), "application/vnd.npm.install-v1+json");
    EXPECT_EQ(brief.at("/versions/1.0.0/dependencies/b"), "^1.0.0");
    EXPECT_EQ(brief.at("/versions/1.0.0/main"), "");
    EXPECT_FALSE(brief.at("/time/1.0.0").empty());
    EXPECT_EQ(fetch("left-pad", installer + ("If-None-Match: " + brief.header("etag") + "\r\n")).status, 304);
    const Reply tarball = fetch("left-pad/-/left-pad-1.0.0.tgz");
    EXPECT_EQ(tarball.status, 200);
    EXPECT_EQ(tarball.body, packed.bytes());
    EXPECT_EQ(tarball.header("content-type"), "application/octet-stream");
    EXPECT_EQ(tarball.header("content-encoding"), "");
    EXPECT_EQ(fetch("left-pad/-/left-pad-1.0.0.tgz", "Range: bytes=0-1\r\n").status, 206);
    EXPECT_EQ(ask("HEAD " + at("left-pad/-/left-pad-1.0.0.tgz")).header("content-length"),
              std::to_string(packed.bytes().size()));
    EXPECT_EQ(fetch("left-pad/-/left-pad-2.0.0.tgz").status, 404);
}

TEST_P(NpmFormat, ABuildIsNotSaidOfAVersion) {
    ASSERT_EQ(publish({.version = "1.0.0+build.7"}).status, 201);
    const Reply whole = fetch("left-pad");
    EXPECT_EQ(whole.at("/versions/1.0.0/version") + whole.at("/versions/1.0.0/_id"), "1.0.0left-pad@1.0.0");
    EXPECT_EQ(fetch("left-pad/-/left-pad-1.0.0.tgz").status, 200);
    EXPECT_EQ(fetch("left-pad/1.0.0+build.7").at("/version"), "1.0.0");
}

TEST_P(NpmFormat, ScopesAreWrittenInThreeWays) {
    ASSERT_EQ(publish({.name = "@acme/left-pad"}).status, 201);
    for (const char* name :
         {"@acme%2fleft-pad", "@acme%2Fleft-pad", "@acme/left-pad", "%40acme%2fleft-pad"}) {
        EXPECT_EQ(fetch(name).at("/name"), "@acme/left-pad") << name;
        EXPECT_EQ(fetch(std::string(name) + "/1.0.0").at("/version"), "1.0.0") << name;
        EXPECT_EQ(fetch(std::string(name) + "/latest").at("/version"), "1.0.0") << name;
        EXPECT_EQ(fetch(std::string(name) + "/-/left-pad-1.0.0.tgz").status, 200) << name;
        EXPECT_EQ(fetch(std::string(name) + "/-/@acme/left-pad-1.0.0.tgz").status, 200) << name;
        EXPECT_EQ(fetch("-/package/" + std::string(name) + "/dist-tags").at("/latest"), "1.0.0") << name;
    }
    EXPECT_EQ(fetch("@acme/left-pad").at("/versions/1.0.0/dist/tarball"),
              "http://registry.example/npm/acme/packages/@acme/left-pad/-/left-pad-1.0.0.tgz");
    EXPECT_EQ(fetch("left-pad").status, 404);
    EXPECT_EQ(fetch("@acme").status, 404);
}

// Whoever may read one package gets it however its name is written, and no other.
TEST_P(NpmFormat, RightsAreAboutOneNameHoweverItIsWritten) {
    ASSERT_EQ(publish({.name = "@acme/one"}).status, 201);
    ASSERT_EQ(publish({.name = "@acme/two"}).status, 201);
    act_as(make_key("acme", "owner",
                    identity::Scopes({{.actions = {"package:read", "package:download"},
                                       .resources = {"package:packages/@acme/one"},
                                       .tags = {}}})));
    for (const char* slash : {"%2f", "%2F", "/"}) {
        const std::string one = "@acme" + std::string(slash) + "one";
        const std::string two = "@acme" + std::string(slash) + "two";
        for (const char* what : {"", "/1.0.0", "/latest"}) {
            EXPECT_EQ(fetch(one + what).status, 200) << one << what;
            EXPECT_EQ(fetch(two + what).status, 403) << two << what;
        }
        EXPECT_EQ(fetch(one + "/-/one-1.0.0.tgz").status, 200);
        EXPECT_EQ(fetch(two + "/-/two-1.0.0.tgz").status, 403);
        EXPECT_EQ(fetch("-/npm/v1/attestations/" + one + "@1.0.0").status, 404);
        EXPECT_EQ(fetch("-/npm/v1/attestations/" + two + "@1.0.0").status, 403);
    }
}

// As deep as a document may be that publishes it.
TEST_P(NpmFormat, WhatIsTakenIsRenderedHoweverDeepItIs) {
    boost::json::value deep = 1;
    for (int i = 0; i < 55; ++i) deep = boost::json::object{{"a", deep}};
    ASSERT_EQ(publish({.manifest = {{"x", deep}}}).status, 201);
    for (const char* path : {"left-pad", "left-pad?write=true", "left-pad/latest"})
        EXPECT_EQ(fetch(path).status, 200) << path;
}

TEST_P(NpmFormat, VersionsStay) {
    ASSERT_EQ(publish({}).status, 201);
    const Reply again = publish({});
    EXPECT_EQ(again.status, 409);
    EXPECT_EQ(again.at("/reason"), "conflict") << again.body;
    EXPECT_THAT(again.at("/error"), ::testing::HasSubstr("is published already and stays as it is"));
    EXPECT_EQ(publish({.version = "1.0.0+build.7"}).status, 409) << "the same, by what counts";
    EXPECT_EQ(publish({.version = "1.0.1"}).status, 201);
    EXPECT_EQ(fetch("left-pad").at("/dist-tags/latest"), "1.0.1");
}

// As older clients do behind a 409: all versions, of which one comes with its tarball.
TEST_P(NpmFormat, TakesTheMergedDocument) {
    ASSERT_EQ(publish({}).status, 201);
    boost::json::object document = fetch("left-pad?write=true").json.as_object();
    const boost::json::object next = Packed{.version = "1.1.0", .tag = "next"}.document();
    document["versions"].as_object()["1.1.0"] = next.at("versions").at("1.1.0");
    document["dist-tags"].as_object()["next"] = "1.1.0";
    document["_attachments"] = next.at("_attachments");
    const Reply made = put("left-pad", document);
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(fetch("left-pad").at("/dist-tags"), R"({"latest":"1.0.0","next":"1.1.0"})");
}

TEST_P(NpmFormat, TheFirstVersionIsTheLatestWhateverItsTag) {
    ASSERT_EQ(publish({.version = "1.0.0-beta.1", .tag = "beta"}).status, 201);
    EXPECT_EQ(fetch("left-pad").at("/dist-tags"), R"({"beta":"1.0.0-beta.1","latest":"1.0.0-beta.1"})");
    ASSERT_EQ(publish({.version = "0.9.0", .tag = "old"}).status, 201);
    EXPECT_EQ(fetch("left-pad").at("/dist-tags/latest"), "0.9.0") << "which is finished";
}

TEST_P(NpmFormat, TagsAreSetAndRemoved) {
    ASSERT_EQ(publish({}).status, 201);
    ASSERT_EQ(publish({.version = "2.0.0", .tag = "next"}).status, 201);
    const std::string tags = at("-/package/left-pad/dist-tags");
    EXPECT_EQ(ask("PUT " + tags + "/stable", "\"1.0.0\"").status, 201);
    EXPECT_EQ(ask("POST " + tags + "/stable", "\"2.0.0\"").status, 201);
    EXPECT_EQ(ask("GET " + tags).json.as_object().size(), 3U);
    EXPECT_EQ(fetch("left-pad").at("/dist-tags/stable"), "2.0.0") << "the document is rendered anew";
    EXPECT_EQ(ask("DELETE " + tags + "/stable").status, 200);
    EXPECT_EQ(ask("DELETE " + tags + "/stable").status, 404);
    EXPECT_EQ(ask("DELETE " + tags + "/latest").status, 400);
    EXPECT_EQ(fetch("left-pad").at("/dist-tags/stable"), "");
    EXPECT_EQ(ask("PUT " + tags + "/1.x", "\"1.0.0\"").status, 400);
    EXPECT_EQ(ask("PUT " + tags + "/stable", "\"3.0.0\"").status, 404);
    for (const char* body : {"1.0.0", "{}", "\"latest\"", "", "[\"1.0.0\"]"})
        EXPECT_EQ(ask("PUT " + tags + "/stable", body).status, 400) << body;
}

TEST_P(NpmFormat, IsDeprecatedAndIsFineAgain) {
    ASSERT_EQ(publish({}).status, 201);
    ASSERT_EQ(publish({.version = "1.0.1"}).status, 201);
    const auto deprecate = [&](const char* reason) {
        boost::json::object document = fetch("left-pad?write=true").json.as_object();
        document["versions"].as_object()["1.0.0"].as_object()["deprecated"] = reason;
        return put("left-pad", document).status;
    };
    EXPECT_EQ(deprecate("Use String.padStart()."), 200);
    EXPECT_EQ(fetch("left-pad", installer).at("/versions/1.0.0/deprecated"), "Use String.padStart().");
    EXPECT_EQ(fetch("left-pad").at("/versions/1.0.1/deprecated"), "");
    EXPECT_EQ(fetch("left-pad/1.0.0").at("/deprecated"), "Use String.padStart().");
    EXPECT_EQ(deprecate(""), 200);
    EXPECT_EQ(fetch("left-pad").at("/versions/1.0.0/deprecated"), "");
    EXPECT_EQ(deprecate(std::string(600, 'x').c_str()), 400);
}

TEST_P(NpmFormat, YankedVersionsAreDeprecatedForClients) {
    ASSERT_EQ(publish({}).status, 201);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/repositories/packages/packages/left-pad/versions/1.0.0/yank",
                  R"({"reason":"broken"})")
                  .status,
              200);
    EXPECT_EQ(fetch("left-pad").at("/versions/1.0.0/deprecated"), "yanked: broken");
    boost::json::object document = fetch("left-pad?write=true").json.as_object();
    EXPECT_EQ(put("left-pad", document).status, 200);
    EXPECT_EQ(run_sql("SELECT deprecation FROM versions"), "") << "sent back, it is no other mark";
}

TEST_P(NpmFormat, VersionsAreTakenBack) {
    ASSERT_EQ(publish({}).status, 201);
    ASSERT_EQ(publish({.version = "1.0.1"}).status, 201);
    boost::json::object document = fetch("left-pad?write=true").json.as_object();
    const std::string revision(document.at("_rev").as_string());
    document["versions"].as_object().erase("1.0.1");
    document["dist-tags"] = boost::json::object{{"latest", "1.0.0"}};
    const auto send = [&](const std::string& seen) {
        return ask("PUT " + at("left-pad/-rev/" + seen), boost::json::serialize(document));
    };
    EXPECT_EQ(send("1-old").status, 409);
    EXPECT_EQ(send(revision).status, 200);
    EXPECT_EQ(send(revision).status, 409) << "it is not as it was";
    EXPECT_EQ(fetch("left-pad").at("/dist-tags"), R"({"latest":"1.0.0"})");
    EXPECT_EQ(fetch("left-pad/-/left-pad-1.0.1.tgz").status, 404);
    const std::string now = fetch("left-pad?write=true").at("/_rev");
    EXPECT_EQ(ask("DELETE " + at("left-pad/-/left-pad-1.0.1.tgz/-rev/" + now)).status, 200);
    EXPECT_EQ(ask("DELETE " + at("left-pad/-/left-pad-1.0.0.tgz/-rev/" + now)).status, 409);
    EXPECT_EQ(
        publish({.version = "1.0.1",
                 .manifest = {},
                 .tarball = test::make_tgz({{.path = "package/package.json",
                                             .content = R"({"name":"left-pad","version":"1.0.1","x":1})"}})})
            .status,
        409)
        << "other bytes never come under that name";
    EXPECT_EQ(ask("DELETE " + at("left-pad/-rev/" + now)).status, 200);
    EXPECT_EQ(fetch("left-pad").status, 404);
    EXPECT_EQ(fetch("left-pad", installer).status, 404);
}

// What somebody has published meanwhile is not taken back by whoever has not seen it.
TEST_P(NpmFormat, NobodyTakesBackWhatHeHasNotSeen) {
    ASSERT_EQ(publish({}).status, 201);
    ASSERT_EQ(publish({.version = "1.0.1"}).status, 201);
    boost::json::object document = fetch("left-pad?write=true").json.as_object();
    const std::string revision(document.at("_rev").as_string());
    document["versions"].as_object().erase("1.0.1");
    ASSERT_EQ(publish({.version = "1.0.2"}).status, 201);
    EXPECT_EQ(ask("PUT " + at("left-pad/-rev/" + revision), boost::json::serialize(document)).status, 409);
    EXPECT_EQ(ask("DELETE " + at("left-pad/-rev/" + revision)).status, 409);
    EXPECT_EQ(fetch("left-pad").json.at("versions").as_object().size(), 3U);
}

TEST_P(NpmFormat, PublishingAloneIsEnoughToPublish) {
    const std::string owner = make_key("acme", "owner");
    const auto act_with = [&](std::vector<std::string> actions) {
        act_as(make_key("acme", "owner",
                        identity::Scopes({{.actions = std::move(actions), .resources = {}, .tags = {}}})));
    };
    act_with({"package:publish"});
    EXPECT_EQ(publish({}).status, 201);
    EXPECT_EQ(publish({.version = "1.0.1"}).status, 201) << "with the tag that it comes under";
    EXPECT_EQ(fetch("left-pad").status, 403);
    act_as(owner);
    const boost::json::value document = fetch("left-pad?write=true").json;
    act_with({"package:publish", "package:read"});
    EXPECT_EQ(put("left-pad", document).status, 403) << "deprecating is another right";
    EXPECT_EQ(ask("PUT " + at("-/package/left-pad/dist-tags/stable"), "\"1.0.0\"").status, 403);
    EXPECT_EQ(ask("DELETE " + at("left-pad/-rev/1-x")).status, 403);
}

// What a policy hides leaves no gap, and is not counted.
TEST_P(NpmFormat, PagesOfWhatMayBeSeenAreFull) {
    for (const char* name : {"a-hidden", "b-hidden", "c-shown", "d-hidden", "e-shown"})
        ASSERT_EQ(publish({.name = name}).status, 201);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/policies",
                  R"({"name":"hide","effect":"deny","subjects":["*"],"actions":["package:list"],)"
                  R"("resources":["package:packages/a-hidden","package:packages/b-hidden",)"
                  R"("package:packages/d-hidden"]})")
                  .status,
              201);
    for (const char* text : {"", "pads"}) {
        const std::string found = "-/v1/search?size=1&text=" + std::string(text);
        EXPECT_EQ(fetch(found).at("/objects/0/package/name"), "c-shown") << text;
        EXPECT_EQ(fetch(found + "&from=1").at("/objects/0/package/name"), "e-shown") << text;
        EXPECT_EQ(fetch(found + "&from=2").at("/objects"), "[]") << text;
        EXPECT_EQ(fetch(found).at("/total"), "2") << text;
        EXPECT_EQ(fetch(found).json.at("objects").as_array().size(), 1U) << text;
    }
}

// Nobody else has it rendered as often as they like.
TEST_P(NpmFormat, IsRenderedAnewForWhoMayChangeIt) {
    ASSERT_EQ(publish({}).status, 201);
    const std::string document = at("left-pad?write=true");
    const auto cached_for = [&](const char* permission) {
        act_as(make_key(
            "acme", "owner",
            identity::Scopes({{.actions = {"package:read", permission}, .resources = {}, .tags = {}}})));
        const Reply reply = ask("GET " + document);
        EXPECT_EQ(reply.at("/name"), "left-pad");
        return reply.header("cache-control");
    };
    EXPECT_EQ(cached_for("package:list"), "private, no-cache");
    for (const char* permission : {"package:publish", "package:update", "package:delete"})
        EXPECT_EQ(cached_for(permission), "private, no-store") << permission;
}

// Made by hand, or from what nobody knows any more.
TEST_P(NpmFormat, DocumentsChangeWhatTheySpeakOf) {
    ASSERT_EQ(publish({}).status, 201);
    ASSERT_EQ(publish({.name = "right-pad"}).status, 201);
    const auto send = [&](const char* versions, const char* name = "left-pad") {
        return ask("PUT " + at("left-pad"),
                   R"({"name":")" + std::string(name) + R"(","versions":{"1.0.0":)" + versions + "}}");
    };
    EXPECT_EQ(send(R"({"deprecated":"old"})").status, 200);
    EXPECT_EQ(send("{}").status, 200);
    EXPECT_EQ(fetch("left-pad").at("/versions/1.0.0/deprecated"), "old");
    EXPECT_EQ(send(R"({"deprecated":""})").status, 200);
    EXPECT_EQ(fetch("left-pad").at("/versions/1.0.0/deprecated"), "");
    EXPECT_EQ(send(R"({"deprecated":"other"})", "right-pad").at("/error"),
              "The document describes the package right-pad, and was sent to the address of left-pad.");
    const std::string revision = fetch("left-pad?write=true").at("/_rev");
    EXPECT_EQ(ask("PUT " + at("left-pad/-rev/" + revision), R"({"name":"right-pad","versions":{}})").status,
              400);
    EXPECT_EQ(fetch("left-pad").status, 200);
}

// What installers are told of locked dependencies is what the tarball has.
TEST_P(NpmFormat, TheTarballSaysWhetherItLocksDependencies) {
    const std::string package = R"({"name":"left-pad","version":"1.0.0"})";
    const std::string with = test::make_tgz({{.path = "package/package.json", .content = package},
                                             {.path = "package/npm-shrinkwrap.json", .content = "{}"}});
    ASSERT_EQ(publish({.manifest = {{"_hasShrinkwrap", false}}, .tarball = with}).status, 201);
    ASSERT_EQ(publish({.version = "1.0.1", .manifest = {{"_hasShrinkwrap", true}}}).status, 201);
    for (const char* accept : {"", installer}) {
        const Reply document = fetch("left-pad", accept);
        EXPECT_EQ(document.at("/versions/1.0.0/_hasShrinkwrap"), "true");
        EXPECT_EQ(document.at("/versions/1.0.1/_hasShrinkwrap"), "");
    }
}

TEST_P(NpmFormat, IsFoundByPeopleAndClients) {
    ASSERT_EQ(publish({.manifest = {{"keywords", boost::json::array{"text", "padding"}}, {"license", "MIT"}}})
                  .status,
              201);
    const Reply found = fetch("-/v1/search?text=padding&size=10");
    ASSERT_EQ(found.status, 200) << found.body;
    EXPECT_EQ(found.at("/objects/0/package/name") + found.at("/objects/0/package/version"), "left-pad1.0.0");
    EXPECT_EQ(found.at("/total"), "1");
    EXPECT_EQ(fetch("-/v1/search?text=nothing").at("/total"), "0");
    EXPECT_EQ(fetch("-/v1/search?text=padding&from=1").at("/objects"), "[]");
    EXPECT_EQ(fetch("-/v1/search").at("/total"), "1");
    EXPECT_EQ(fetch("-/v1/search?text=padding&size=0").at("/objects"), "[]");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/search?q=padding").at("/items/0/name"), "left-pad");
}

}  // namespace
}  // namespace lodestone::formats::npm
