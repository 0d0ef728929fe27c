// `npm access`, `npm owner` and `npm trust`: what roles, policies and trusted publishers say, told and not
// changed.
#include <gmock/gmock.h>

#include "support/npm_shop.hpp"

namespace lodestone::formats::npm {
namespace {

using test::Reply;
using ::testing::HasSubstr;

class NpmAccess : public test::NpmShop {
  protected:
    void SetUp() override {
        NpmShop::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        ASSERT_EQ(publish({}).status, 201);
        ASSERT_EQ(publish({.name = "@acme/pad"}).status, 201);
        add_member("ann", "developer");
        add_member("bob", "viewer");
        ASSERT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"eve","username":"eve"})").status, 201);
    }
    void add_member(const std::string& name, const std::string& role) {
        ASSERT_EQ(
            ask("POST /api/v1/tenants/acme/users", R"({"id":")" + name + R"(","username":")" + name + "\"}")
                .status,
            201);
        const Reply given =
            ask("PUT /api/v1/tenants/acme/apps/shop/members/" + name, R"({"role":")" + role + "\"}");
        ASSERT_TRUE(given.status == 200 || given.status == 201) << given.body;
    }
    Reply trust(const std::string& name, const std::string& resource) {
        return ask("POST /api/v1/tenants/acme/publishers",
                   R"({"app_id":"shop","name":")" + name +
                       R"(","forge":"github","issuer":"https://tokens.forge.example",
                           "repository":"acme/widgets","repository_id":"1","owner_id":"2",
                           "workflow":".github/workflows/release.yml","environment":"release",
                           "scopes":[{"actions":["package:publish"],"resources":[")" +
                       resource + R"("]}]})");
    }
};
INSTANTIATE_ON_EVERY_DATABASE(NpmAccess);

TEST_P(NpmAccess, CollaboratorsAreWhoMayByTheirRoles) {
    const Reply all = fetch("-/package/left-pad/collaborators");
    EXPECT_EQ(all.body, "{\"ann\":\"write\",\"bob\":\"read\",\"owner\":\"write\"}\n");
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(fetch("-/package/@acme%2fpad/collaborators").at("/ann"), "write");
    act_as(make_key("acme", "bob"));
    EXPECT_EQ(fetch("-/package/left-pad/collaborators").body, "{\"bob\":\"read\"}\n")
        << "others are told to who may list members";
    act_as(make_key("acme", "eve"));
    EXPECT_EQ(fetch("-/package/left-pad/collaborators").status, 403);
    act_as(make_tenant("other"));
    EXPECT_EQ(fetch("-/package/left-pad/collaborators").status, 404);
}

TEST_P(NpmAccess, PackagesAreListedByUserAndScope) {
    const std::string both = "{\"@acme/pad\":\"write\",\"left-pad\":\"write\"}\n";
    EXPECT_EQ(fetch("-/user/owner/package").body, both);
    EXPECT_EQ(fetch("-/user/ann/package").body, both);
    EXPECT_EQ(fetch("-/user/bob/package").at("/left-pad"), "read");
    EXPECT_EQ(fetch("-/user/none/package").status, 404);
    EXPECT_EQ(fetch("-/org/acme/package").body, "{\"@acme/pad\":\"write\"}\n");
    EXPECT_EQ(fetch("-/org/owner/package").status, 404) << "clients then ask about a user";
    act_as(make_key("acme", "bob"));
    EXPECT_EQ(fetch("-/user/bob/package").at("/left-pad"), "read");
    EXPECT_EQ(fetch("-/user/ann/package").status, 403);
}

TEST_P(NpmAccess, ChangesAreRefusedWithWhatIsToBeDone) {
    EXPECT_EQ(ask("POST " + at("-/package/@acme%2fpad/access"), R"({"access":"public"})").status, 403);
    EXPECT_EQ(ask("PUT " + at("-/team/acme/devs/package"), R"({"package":"left-pad"})").status, 403);
    const Reply owner = fetch("-/user/org.couchdb.user:ann");
    EXPECT_EQ(owner.status, 403);
    EXPECT_THAT(owner.at("/error"), HasSubstr("Give ann a role"));
    const std::string revision = fetch("left-pad?write=true").at("/_rev");
    const Reply maintainers =
        ask("PUT " + at("left-pad/-rev/" + revision),
            R"({"_id":"left-pad","_rev":")" + revision + R"(","maintainers":[{"name":"ann"}]})");
    EXPECT_EQ(maintainers.status, 403) << maintainers.body;
    EXPECT_EQ(fetch("left-pad").status, 200);
}

TEST_P(NpmAccess, TrustedPublishersAreListedAndTakenAway) {
    const Reply one = trust("left-pad alone", "package:packages/left-pad");
    ASSERT_EQ(one.status, 201) << one.body;
    clock().advance(std::chrono::seconds(1));
    const Reply all = trust("all", "repository:packages/*");
    ASSERT_EQ(all.status, 201) << all.body;
    const Reply listed = fetch("-/package/left-pad/trust");
    ASSERT_EQ(listed.status, 200) << listed.body;
    EXPECT_EQ(listed.at("/0/id"), one.at("/id"));
    EXPECT_EQ(listed.at("/0/type"), "github");
    EXPECT_EQ(listed.at("/0/claims/repository"), "acme/widgets");
    EXPECT_EQ(listed.at("/0/claims/workflow_ref/file"), "release.yml");
    EXPECT_EQ(listed.at("/0/claims/environment"), "release");
    EXPECT_EQ(listed.at("/1/id"), all.at("/id"));
    EXPECT_EQ(fetch("-/package/@acme%2fpad/trust").at("/0/id"), all.at("/id"));
    EXPECT_EQ(fetch("-/package/none/trust").status, 404);

    const std::string path = "DELETE " + at("-/package/left-pad/trust/");
    EXPECT_EQ(ask("DELETE " + at("-/package/@acme%2fpad/trust/" + one.at("/id"))).status, 404);
    EXPECT_EQ(ask(path + all.at("/id")).status, 409) << "of other packages, too";
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(fetch("-/package/left-pad/trust").status, 403);
    EXPECT_EQ(ask(path + one.at("/id")).status, 403);
    act_as(owner_);
    EXPECT_EQ(ask(path + one.at("/id")).status, 204);
    EXPECT_EQ(ask(path + one.at("/id")).status, 404);
    EXPECT_EQ(ask(path + "none").status, 404);
}

// By its name alone no repository is known: another one may have it by tomorrow.
TEST_P(NpmAccess, APipelineOfAKnownRepositoryIsTrusted) {
    const std::string post = "POST " + at("-/package/left-pad/trust");
    const auto wish = [](const std::string& repository, const std::string& more = {}) {
        return R"([{"type":"github","claims":{"repository":")" + repository +
               R"(","workflow_ref":{"file":"publish.yml"}},"permissions":["createPackage"])" + more + "}]";
    };
    const Reply unknown = ask(post, wish("acme/widgets"));
    EXPECT_EQ(unknown.status, 403);
    EXPECT_THAT(unknown.at("/error"), HasSubstr("POST /api/v1/tenants/acme/publishers"));
    ASSERT_EQ(trust("first", "package:packages/@acme/pad").status, 201);
    const Reply made = ask(post, wish("acme/widgets"));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.at("/0/claims/workflow_ref/file"), "publish.yml");
    const Reply shown = ask("GET /api/v1/tenants/acme/publishers/" + made.at("/0/id"));
    EXPECT_EQ(shown.at("/repository_id"), "1");
    EXPECT_EQ(shown.at("/issuer"), "https://tokens.forge.example");
    EXPECT_EQ(shown.at("/workflow"), ".github/workflows/publish.yml");
    EXPECT_EQ(shown.at("/scopes/0/resources/0"), "package:packages/left-pad");
    EXPECT_EQ(ask(post, wish("acme/widgets")).status, 409) << "it is there";
    EXPECT_EQ(ask(post, wish("acme/others")).status, 403);
    for (const char* body :
         {"", "{}", "[]", "[1]", R"([{"type":"github"}])", R"([{"type":"circleci","claims":{}}])",
          R"([{"type":"github","claims":{"repository":1}}])",
          R"([{"type":"gitlab","claims":{"project_path":"acme/widgets"}}])"})
        EXPECT_EQ(ask(post, body).status, 400) << body;
    EXPECT_EQ(ask(post, R"([{"type":"github","claims":{},"permissions":["createStagedPackage"]}])").status,
              400);
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(ask(post, wish("acme/widgets")).status, 403);
    act_as(make_key(
        "acme", "owner",
        identity::Scopes({{.actions = {"publisher:*", "package:read"}, .resources = {}, .tags = {}}})));
    EXPECT_EQ(ask(post, wish("acme/widgets")).status, 403) << "a key gives no more than it is good for";
}

}  // namespace
}  // namespace lodestone::formats::npm
