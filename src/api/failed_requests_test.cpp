// What was allowed and came to nothing by a fault of ours stands in the audit log all the same.
#include <gtest/gtest.h>

#include "support/api_test.hpp"

namespace lodestone::api {
namespace {

class FailedRequests : public test::ApiTest {
  protected:
    void SetUp() override {
        test::ApiTest::SetUp();
        if (IsSkipped()) return;
        act_as(make_tenant("acme"));
        EXPECT_EQ(ask("GET /api/v1/me").status, 200) << "who asks is known";
        // As with a disk that fails in the middle: whoever makes an app gets no further than its row.
        run_sql("ALTER TABLE apps RENAME TO lost_apps");
    }
    // What the audit log has of them, once maintenance has written it.
    test::Reply list() {
        refusals().flush(database());
        return ask("GET /api/v1/tenants/acme/audit?result=failed");
    }
};
INSTANTIATE_ON_EVERY_DATABASE(FailedRequests);

TEST_P(FailedRequests, AreWrittenDown) {
    const std::string body = R"({"id":"shop","name":"Shop","type":"service"})";
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps", body).status, 500);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps", body).status, 500);
    const test::Reply listed = list();
    EXPECT_EQ(listed.at("/items/0/action"), "request.fail") << listed.body;
    EXPECT_EQ(listed.at("/items/0/result"), "failed");
    EXPECT_EQ(listed.at("/items/0/actor"), "owner");
    EXPECT_EQ(listed.at("/items/0/subject"), "app:*");
    EXPECT_EQ(listed.at("/items/0/details/permission"), "app:create");
    EXPECT_EQ(listed.at("/items/0/details/status"), "500");
    EXPECT_EQ(listed.at("/items/0/details/reason"), "internal-error");
    EXPECT_EQ(listed.at("/items/0/details/times"), "2");
    EXPECT_EQ(listed.at("/items/1"), "") << "equal ones are one";
}

TEST_P(FailedRequests, AreOnlyThoseThatWereToChangeSomethingAndMight) {
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/apps").status, 500) << "reading";
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/apps", "{}").status, 405);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/branches", "{").status, 404);
    act_as({});
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps", R"({"name":"Shop","type":"service"})").status, 401);
    act_as(operator_token());
    refusals().flush(database());
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE result = 'failed'"), "0");
}

}  // namespace
}  // namespace lodestone::api
