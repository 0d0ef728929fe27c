// Advisories over HTTP, on both engines: who may import them, and what a version's are.
#include <gmock/gmock.h>

#include "base/advisory_limits.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "support/npm_shop.hpp"
#include "support/wait.hpp"

namespace lodestone::formats::npm {
namespace {

using test::Reply;
using ::testing::HasSubstr;

class AdvisoryApi : public test::NpmShop {
  protected:
    static std::string record(const std::string& id, const std::string& day, const std::string& more = {}) {
        return R"({"id":")" + id + R"(","modified":"2026-01-)" + day +
               R"(T00:00:00Z","summary":"Bad","details":"Very bad.","affected":[{"package":{"ecosystem":"npm",)"
               R"("name":"left-pad"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.2.3"}]}]}])" +
               more + "}\n";
    }
    Reply import(const std::string& body) {
        act_as(operator_token());
        const Reply reply = ask("POST /api/v1/advisories/imports", body);
        act_as(owner_);
        return reply;
    }
    Reply show_advisories(const std::string& version) {
        return ask("GET /api/v1/tenants/acme/repositories/packages/packages/left-pad/versions/" + version +
                   "/advisories");
    }
};
INSTANTIATE_ON_EVERY_DATABASE(AdvisoryApi);

TEST_P(AdvisoryApi, AreImportedByWhoeverRunsTheInstallation) {
    EXPECT_EQ(ask("POST /api/v1/advisories/imports", record("A-1", "02")).status, 403);
    EXPECT_EQ(ask("GET /api/v1/advisories").status, 403);
    const Reply made = import(record("A-1", "02") + record("A-2", "02") + "{\"id\":1}\n");
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_EQ(made.at("/added"), "2");
    EXPECT_EQ(made.at("/broken"), "1");
    EXPECT_THAT(made.at("/faults/0"), HasSubstr("record 3: "));
    EXPECT_EQ(import(record("A-1", "02")).at("/unchanged"), "1");
    act_as(operator_token());
    const Reply status = ask("GET /api/v1/advisories");
    EXPECT_EQ(status.at("/ecosystems/0/ecosystem"), "npm");
    EXPECT_EQ(status.at("/ecosystems/0/advisories"), "2");
    EXPECT_EQ(status.json.at("imports").as_array().size(), 2);
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE action = 'advisory.import'"), "2");
}

// A body may take months: what was stored stays, and is recorded, and nothing more is.
TEST_P(AdvisoryApi, AreTakenAsLongAsWhoeverSendsThemMay) {
    ASSERT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"bob","username":"bob"})").status, 201);
    for (const char* user : {"bob", "owner"})  // the last one there is stays
        write([&](db::Tx& tx) {
            identity::grant_platform_admin(tx, TenantId::trusted("acme"), identity::UserId::trusted(user));
        });
    std::string batch;
    for (std::size_t i = 0; i <= limits::advisory_batch_records; ++i)
        batch += record("A-" + std::to_string(i), "02");
    const std::string rest = record("B-1", "02");
    test::RawClient client(port());
    ASSERT_TRUE(client.send(
        "POST /api/v1/advisories/imports HTTP/1.1\r\nHost: registry.example\r\nAuthorization: Bearer " +
        owner_ + "\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(batch.size() + rest.size()) + "\r\n\r\n" + batch));
    EXPECT_TRUE(test::wait_until([&] {
        return run_sql("SELECT count(*) FROM audit WHERE action = 'advisory.import'") == "1";
    })) << "recorded with the first batch";
    act_as(operator_token());
    ASSERT_EQ(ask("DELETE /api/v1/platform-admins/acme/owner").status, 204);
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(client.exchange(rest).status, 403);
    EXPECT_EQ(run_sql("SELECT count(*) FROM advisories WHERE id = 'B-1'"), "0");
    const Reply status = ask("GET /api/v1/advisories");
    ASSERT_EQ(status.json.at("imports").as_array().size(), 1);
    EXPECT_EQ(status.at("/imports/0/added"), status.at("/imports/0/records"));
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE action = 'advisory.import'"), "1");
}

TEST_P(AdvisoryApi, RefusesAZip) {
    const Reply refused = import(std::string("PK\x03\x04") + "more");
    EXPECT_EQ(refused.status, 415);
    EXPECT_THAT(refused.at("/detail"), HasSubstr("lodestone advisories import"));
}

TEST_P(AdvisoryApi, AreListedForAVersion) {
    ASSERT_EQ(publish({.version = "1.0.0"}).status, 201);
    ASSERT_EQ(publish({.version = "1.2.3"}).status, 201);
    import(record("A-1", "02"));
    const Reply found = show_advisories("1.0.0");
    ASSERT_EQ(found.status, 200) << found.body;
    EXPECT_EQ(found.at("/is_advised"), "true");
    EXPECT_EQ(found.at("/advisories/0/id"), "A-1");
    EXPECT_EQ(found.at("/advisories/0/details"), "Very bad.");
    EXPECT_EQ(found.at("/advisories/0/fixed_in"), R"(["1.2.3"])");
    EXPECT_EQ(show_advisories("1.2.3").at("/advisories"), "[]");
    EXPECT_EQ(show_advisories("9.9.9").status, 404);
    import(record("A-1", "03", R"(,"withdrawn":"2026-01-03T00:00:00Z")"));
    EXPECT_EQ(show_advisories("1.0.0").at("/advisories"), "[]");
}

}  // namespace
}  // namespace lodestone::formats::npm
