// How most tests of our API and of the formats begin: a tenant "acme" with an app "shop", asked by its owner.
#pragma once

#include <string>

#include "support/api_test.hpp"

namespace lodestone::test {

class ShopTest : public ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        owner_ = make_tenant("acme");
        act_as(owner_);
        ASSERT_EQ(ask("POST /api/v1/tenants/acme/apps", R"({"id":"shop","name":"Shop"})").status, 201);
    }
    // Of the shop's; `more` are further members, each behind a comma. Answers its id.
    std::string make_repository(const std::string& format, const std::string& name,
                                const std::string& more = {}) {
        const Reply made =
            ask("POST /api/v1/tenants/acme/repositories",
                R"({"app_id":"shop","format":")" + format + R"(","name":")" + name + "\"" + more + "}");
        EXPECT_EQ(made.status, 201) << made.body;
        return made.at("/id");
    }

    std::string owner_;  // their key
};

}  // namespace lodestone::test
