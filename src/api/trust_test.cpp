// Whom a tenant trusts besides its own people, over HTTP: providers and pipelines, added only by those who
// could do themselves what these then may.
#include "support/shop_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

class TrustApi : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        EXPECT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"alice","username":"alice"})").status, 201);
        EXPECT_EQ(ask("PUT /api/v1/tenants/acme/users/alice/roles/admin").status / 100, 2);
    }

    const std::string providers = "POST /api/v1/tenants/acme/providers";
    const std::string publishers = "POST /api/v1/tenants/acme/publishers";
    const std::string provider =
        R"({"id":"idp","name":"Ours","issuer":"https://idp.example","client_id":"us"})";
    const std::string publisher =
        R"({"app_id":"shop","name":"release","forge":"github","issuer":"https://forge.example",)"
        R"("repository":"acme/shop","repository_id":"1","owner_id":"2","workflow":"release.yml",)"
        R"("scopes":[{"actions":["package:publish"]}]})";
};
INSTANTIATE_ON_EVERY_DATABASE(TrustApi);

TEST_P(TrustApi, OnlyWhoMayDoEverythingTrustsAProvider) {
    const Reply made = ask(providers, provider);
    ASSERT_EQ(made.status, 201) << made.body;
    act_as(make_key("acme", "alice"));
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/providers/idp").status, 200);
    EXPECT_EQ(ask(providers, R"({"name":"Mine","issuer":"https://mine.example","client_id":"me"})").status,
              403);
    EXPECT_EQ(
        ask("PATCH /api/v1/tenants/acme/providers/idp", R"({"client_id":"me"})", if_match("\"1\"")).status,
        403);
}

TEST_P(TrustApi, APipelineMayDoNoMoreThanTheKeyThatTrustsIt) {
    const Reply made = ask(publishers, publisher);
    EXPECT_EQ(made.status, 201) << made.body;
    act_as(make_key("acme", "owner",
                    std::vector<identity::Scope>{{.actions = {"publisher:*"}, .resources = {}, .tags = {}}}));
    const Reply refused = ask(publishers, publisher);
    EXPECT_EQ(refused.status, 403) << refused.body;
}

}  // namespace
}  // namespace lodestone::api
