// What clients show beside what was asked for.
#include <gmock/gmock.h>

#include "identity/nouns/credentials.hpp"
#include "identity/secrets/password_hash.hpp"
#include "support/npm_shop.hpp"

namespace lodestone::formats::npm {
namespace {

using test::Reply;
using ::testing::HasSubstr;

class NpmNotice : public test::NpmShop {};
INSTANTIATE_ON_EVERY_DATABASE(NpmNotice);

TEST_P(NpmNotice, ARepositoryIsNearlyFull) {
    EXPECT_EQ(publish({}).header("npm-notice"), "");
    const std::string held = run_sql("SELECT bytes FROM repository_usage");
    const auto limit = [&](std::int64_t most) {
        const Reply set =
            ask("PATCH /api/v1/tenants/acme/repositories/packages",
                R"({"settings":{"quota":{"max_bytes":)" + std::to_string(most) + "}}}", if_match("*"));
        EXPECT_EQ(set.status, 200) << set.body;
    };
    const std::int64_t bytes = std::stoll(held);
    limit(bytes * 10);
    EXPECT_EQ(publish({.version = "1.0.1"}).header("npm-notice"), "");
    limit(bytes * 3 + 8);
    EXPECT_THAT(std::string(publish({.version = "1.0.2"}).header("npm-notice")),
                HasSubstr("The repository packages holds "));
}

TEST_P(NpmNotice, WhatIsTakenBackCanReturn) {
    ASSERT_EQ(publish({}).status, 201);
    ASSERT_EQ(publish({.version = "1.1.0"}).status, 201);
    const Reply document = fetch("left-pad?write=true");
    boost::json::object less = document.json.as_object();
    less["versions"].as_object().erase("1.1.0");
    less["dist-tags"] = boost::json::object{{"latest", "1.0.0"}};
    const Reply edited =
        ask("PUT " + at("left-pad/-rev/" + document.at("/_rev")), boost::json::serialize(less));
    ASSERT_EQ(edited.status, 200) << edited.body;
    EXPECT_THAT(std::string(edited.header("npm-notice")), HasSubstr("package:restore"));
    const std::string revision = fetch("left-pad?write=true").at("/_rev");
    EXPECT_THAT(std::string(ask("DELETE " + at("left-pad/-rev/" + revision)).header("npm-notice")),
                HasSubstr("package:restore"));
}

TEST_P(NpmNotice, ATagLeadsToWhatIsDeprecated) {
    ASSERT_EQ(publish({.manifest = {{"deprecated", "Use another."}}}).status, 201);
    const std::string tag = "PUT " + at("-/package/left-pad/dist-tags/stable");
    const std::string first(ask(tag, "\"1.0.0\"").header("npm-notice"));
    run_sql("UPDATE versions SET deprecation = 'Use another.'");
    EXPECT_EQ(ask(tag, "\"1.0.0\"").header("npm-notice"),
              "The tag stable leads to 1.0.0, which is deprecated.");
    EXPECT_TRUE(first.empty() || first == "The tag stable leads to 1.0.0, which is deprecated.");
}

TEST_P(NpmNotice, WhoCouldSignInByAPageIsTold) {
    ASSERT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"ann","username":"ann"})").status, 201);
    write([](db::Tx& tx) {
        identity::store_password(
            tx, TenantId::trusted("acme"), identity::UserId::trusted("ann"),
            *identity::hash_password("a quiet morning walk", {.passes = 1, .memory_kib = 8}));
    });
    act_as("");
    const auto login = [&](const std::string& agent) {
        const Reply reply =
            ask("PUT " + at("-/user/org.couchdb.user:ann"),
                R"({"name":"ann","password":"a quiet morning walk"})", "User-Agent: " + agent + "\r\n");
        EXPECT_EQ(reply.status, 201) << reply.body;
        return std::string(reply.header("npm-notice"));
    };
    EXPECT_THAT(login("npm/11.6.2 node/v22.0.0 linux x64"), HasSubstr("npm login without"));
    EXPECT_EQ(login("npm/8.19.4 node/v16.0.0 linux x64"), "");
    EXPECT_EQ(login("yarn/4.9.4 npm/? node/v22.0.0"), "");
}

}  // namespace
}  // namespace lodestone::formats::npm
