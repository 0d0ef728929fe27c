// What one tenant may lay up has an end: the next one is refused in words.
#include "base/tenant_limits.hpp"
#include "support/api_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

class RoomApi : public test::ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        act_as(make_tenant("acme"));
    }
    // So many rows, numbered: `values` may name the number as n.i.
    void fill(std::int64_t rows, const std::string& columns, const std::string& values) {
        run_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                std::to_string(rows) + ") INSERT INTO " + columns + " SELECT " + values + " FROM n");
    }
    void expect_room_for_one(const std::string& list, const std::string& first, const std::string& second,
                             const std::string& what) {
        const Reply last = ask("POST /api/v1/tenants/acme/" + list, first);
        EXPECT_EQ(last.status, 201) << last.body;
        const Reply refused = ask("POST /api/v1/tenants/acme/" + list, second);
        EXPECT_EQ(refused.status, 409) << refused.body;
        EXPECT_NE(refused.at("/detail").find(what + " already, which is the most"), std::string::npos)
            << refused.body;
    }

    static constexpr const char* stamps = "'{}', 1, 1, 'x', 1, 'x'";  // metadata, version, times and names
    static constexpr const char* stamped =
        "metadata, version, created_at, created_by, updated_at, updated_by)";
};
INSTANTIATE_ON_EVERY_DATABASE(RoomApi);

TEST_P(RoomApi, OfPoliciesHasAnEnd) {
    fill(limits::policies_per_tenant - 1,
         std::string("policies (tenant_id, id, name, name_folded, description, effect, subjects, actions, "
                     "resources, conditions, status, ") +
             stamped,
         std::string("'acme', 'p' || i, 'p' || i, 'p' || i, '', 'deny', '[\"user:nobody\"]', '[\"*\"]', "
                     "'[\"*\"]', '[]', 'active', ") +
             stamps);
    const auto policy = [](const std::string& name) {
        return R"({"name":")" + name +
               R"(","effect":"deny","subjects":["user:owner"],"actions":["*"],"resources":["*"]})";
    };
    expect_room_for_one("policies", policy("one"), policy("two"), "500 policies");
}

TEST_P(RoomApi, OfRolesHasAnEnd) {
    fill(limits::roles_per_tenant - 1,
         std::string("roles (tenant_id, id, name, name_folded, description, status, permissions, ") + stamped,
         std::string("'acme', 'r' || i, 'r' || i, 'r' || i, '', 'active', '[]', ") + stamps);
    expect_room_for_one("roles", R"({"name":"one","permissions":["package:read"]})",
                        R"({"name":"two","permissions":["package:read"]})", "1000 roles");
}

TEST_P(RoomApi, OfKeysHasAnEnd) {
    const std::string live = std::to_string(std::numeric_limits<std::int64_t>::max());
    fill(limits::keys_per_owner - 2,  // the test's own is one
         std::string("keys (tenant_id, id, public_id, secret_hash, user_id, type, environment, name, "
                     "name_folded, scopes, networks, expires_at, ") +
             stamped,
         "'acme', 'k' || i, 'k' || i, 'x', 'owner', 'secret', 'live', 'k', 'k', 'null', '[]', " + live +
             ", " + stamps);
    expect_room_for_one("users/owner/keys", R"({"name":"one"})", R"({"name":"two"})",
                        "500 keys of this user");
}

TEST_P(RoomApi, OfInvitationsHasAnEnd) {
    const std::string open = std::to_string(std::numeric_limits<std::int64_t>::max());
    fill(limits::open_invitations - 1,
         "invitations (tenant_id, id, public_id, secret_hash, role, created_at, created_by, expires_at)",
         "'acme', 'i' || i, 'i' || i, 'x', 'viewer', 1, 'x', " + open);
    expect_room_for_one("invitations", R"({"role":"viewer"})", R"({"role":"viewer"})",
                        "1000 open invitations");
}

}  // namespace
}  // namespace lodestone::api
