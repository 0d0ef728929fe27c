// The lives of what a tenant consists of, over HTTP and on both engines: apps, branches, users, memberships,
// roles, owners, platform administrators. What all nouns share is in tenants_test.cpp.
#include "support/api_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

class PeopleApi : public test::ApiTest {
  protected:
    void SetUp() override {
        ApiTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        act_as(make_tenant("acme"));
    }
    Reply make(const std::string& list, const std::string& body) {
        Reply made = ask("POST /api/v1/tenants/" + list, body);
        EXPECT_EQ(made.status, 201) << list << " " << made.body;
        EXPECT_EQ(made.header("location"), "/api/v1/tenants/" + list + "/" + made.at("/id"));
        return made;
    }
    std::string ids(const std::string& address) {
        const Reply page = ask("GET " + address);
        std::string all = page.status == 200 ? "" : page.refusal();
        if (page.status == 200)
            for (const auto& item : page.json.at("items").as_array())
                all += (all.empty() ? "" : " ") + std::string(item.at("id").as_string());
        return all;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(PeopleApi);

// The example of the system that tenants come from: tenant, app, branch, user, grant, lists.
TEST_P(PeopleApi, DoesTheWholeExample) {
    make("acme/apps", R"({"id":"shop","name":"Shop","type":"web"})");
    make("acme/apps/shop/branches", R"({"id":"ber","code":"BER-1","name":"Berlin","type":"headquarters"})");
    make("acme/users",
         R"({"id":"alice","username":"alice","email":"alice@acme.example","full_name":"Alice A."})");
    const Reply member = ask("PUT /api/v1/tenants/acme/apps/shop/members/alice", R"({"role":"developer"})");
    EXPECT_EQ(member.status, 200) << member.body;
    EXPECT_EQ(member.at("/role"), "developer");
    EXPECT_EQ(ids("/api/v1/tenants/acme/apps"), "shop");
    EXPECT_EQ(ids("/api/v1/tenants/acme/apps?type=api"), "");
    EXPECT_EQ(ids("/api/v1/tenants/acme/apps/shop/branches?search=ber"), "ber");
    EXPECT_EQ(ids("/api/v1/tenants/acme/users"), "alice owner");
    EXPECT_EQ(ids("/api/v1/tenants/acme/users?username=alice"), "alice");
    EXPECT_EQ(ids("/api/v1/tenants/acme/users?email=ALICE@acme.example"), "alice");
    EXPECT_EQ(ids("/api/v1/tenants/acme/users?email=alice"), "");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/apps/shop/members").at("/items/0/user_id"), "alice");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/users/alice/memberships").at("/items/0/app_id"), "shop");
    EXPECT_EQ(ask("DELETE /api/v1/tenants/acme/apps/shop/members/alice").status, 204);
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/apps/shop/members/alice").at("/status"), "revoked");
    EXPECT_EQ(ask("DELETE /api/v1/tenants/acme/apps/shop/members/alice").status, 404);
}

TEST_P(PeopleApi, ChangesDeletesAndRestores) {
    make("acme/apps", R"({"id":"shop","name":"Shop"})");
    make("acme/apps/shop/branches", R"({"id":"ber","code":"BER-1","name":"Berlin"})");
    make("acme/users", R"({"id":"bob","username":"bob","email":"bob@acme.example"})");
    const struct {
        const char* address;
        const char* change;
        const char* pointer;
        const char* value;
    } cases[] = {
        {"apps/shop", R"({"name":"Store"})", "/name", "Store"},
        {"apps/shop/branches/ber", R"({"code":"BER-2"})", "/code", "BER-2"},
        {"users/bob", R"({"email":null,"full_name":"Bob"})", "/email", "null"},
    };
    for (const auto& c : cases) {
        const std::string address = std::string("/api/v1/tenants/acme/") + c.address;
        EXPECT_EQ(ask("PATCH " + address, c.change).status, 428) << address;
        const Reply changed =
            ask("PATCH " + address, c.change, if_match(ask("GET " + address).header("etag")));
        EXPECT_EQ(changed.status, 200) << changed.body;
        EXPECT_EQ(changed.at(c.pointer), c.value);
        EXPECT_EQ(ask("PATCH " + address, c.change, if_match("\"1\"")).status, 412);
        EXPECT_EQ(ask("DELETE " + address, "", if_match("\"1\"")).status, 412);
        EXPECT_EQ(ask("DELETE " + address).status, 204);
        EXPECT_EQ(ask("GET " + address).status, 404);
        EXPECT_EQ(ask("POST " + address + "/restore").at(c.pointer), c.value);
    }
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps/shop/disable").at("/status"), "disabled");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps/shop/activate").at("/status"), "active");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps/shop/branches/ber/disable").at("/status"), "disabled");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/apps/shop/branches/ber/activate").at("/status"), "active");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users/bob/suspend").at("/status"), "suspended");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/users/bob/activate").at("/status"), "active");
}

TEST_P(PeopleApi, RefusesWhatIsTaken) {
    make("acme/apps", R"({"id":"shop","name":"Shop"})");
    make("acme/users", R"({"id":"alice","username":"alice","email":"alice@acme.example"})");
    make("acme/apps/shop/branches", R"({"code":"ber","name":"Berlin"})");
    for (const auto& [list, body] : std::vector<std::pair<std::string, std::string>>{
             {"apps", R"({"name":"SHOP"})"},
             {"apps", R"({"id":"shop","name":"Other"})"},
             {"users", R"({"username":"Alice"})"},
             {"users", R"({"username":"anna2","email":"ALICE@acme.example"})"},
             {"users", R"({"id":"alice","username":"anna3"})"},
             {"apps/shop/branches", R"({"code":"BER","name":"Other"})"}})
        EXPECT_EQ(ask("POST /api/v1/tenants/acme/" + list, body).status, 409) << list << body;
}

TEST_P(PeopleApi, NamesTheFieldOfBadInput) {
    make("acme/apps", R"({"id":"shop","name":"Shop"})");
    const std::string long_text(5'000, 'x');
    const std::vector<std::vector<std::string>> cases{
        {"apps", R"({})", "/name"},
        {"apps", R"({"name":"a","type":"nonsense"})", "/type"},
        {"apps", R"({"name":"a","status":"active"})", "/status"},
        {"apps", R"({"name":"a","tenant_id":"other"})", "/tenant_id"},
        {"apps", R"({"name":")" + long_text + "\"}", "/name"},
        {"apps", R"({"name":"a","config":[]})", "/config"},
        {"apps/shop/branches", R"({"name":"a"})", "/code"},
        {"apps/shop/branches", R"({"name":"a","code":7})", "/code"},
        {"apps/shop/branches", R"({"name":"a","code":"b","type":""})", "/type"},
        {"apps/shop/branches", R"({"name":"a","code":"b","address":"street"})", "/address"},
        {"users", R"({"email":"a@b.example"})", "/username"},
        {"users", R"({"username":"a","password":"x"})", "/password"},
        {"users", R"({"username":"a","is_platform_admin":true})", "/is_platform_admin"},
        {"users", R"({"username":"a","email_verified_at":"2027-01-15T08:00:00Z"})", "/email_verified_at"},
        {"users", R"({"username":"a","phone_number":")" + long_text + "\"}", "/phone_number"},
        {"users", R"({"username":"a","username":"b"})", "/username"},
        {"roles", R"({"name":"r"})", "/permissions"},
        {"roles", R"({"name":"r","permissions":[7]})", "/permissions/0"},
        {"roles", R"({"name":"r","permissions":"user:read"})", "/permissions"},
    };
    for (const auto& c : cases) {
        const Reply reply = ask("POST /api/v1/tenants/acme/" + c[0], c[1]);
        EXPECT_EQ(reply.status, 400) << c[1].substr(0, 99);
        EXPECT_EQ(reply.at("/errors/0/pointer"), c[2]) << reply.body;
    }
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/apps/shop/members/owner", "{}").at("/errors/0/pointer"), "/role");
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/owner", R"({"user_id":"a b"})").at("/errors/0/pointer"),
              "/user_id");
}

// Whatever is asked of it, another tenant's thing is not there.
TEST_P(PeopleApi, HidesWhatIsAnotherTenants) {
    make("acme/apps", R"({"id":"shop","name":"Shop"})");
    make("acme/apps/shop/branches", R"({"id":"ber","code":"ber","name":"Berlin"})");
    make("acme/users", R"({"id":"alice","username":"alice"})");
    const std::string role =
        make("acme/roles", R"({"name":"Reader","permissions":["package:read"]})").at("/id");
    act_as(make_tenant("other"));
    for (const std::string& address : {std::string("apps/shop"), std::string("apps/shop/branches/ber"),
                                       std::string("users/alice"), "roles/" + role}) {
        const std::string path = "/api/v1/tenants/other/" + address;
        EXPECT_EQ(ask("GET " + path).status, 404) << path;
        EXPECT_EQ(ask("PATCH " + path, R"({"metadata":{}})", if_match("*")).status, 404) << path;
        EXPECT_EQ(ask("DELETE " + path).status, 404) << path;
        EXPECT_EQ(ask("POST " + path + "/restore").status, 404) << path;
    }
    for (const char* path : {"users/alice/suspend", "apps/shop/disable", "apps/shop/branches/ber/disable"})
        EXPECT_EQ(ask("POST /api/v1/tenants/other/" + std::string(path)).status, 404) << path;
    EXPECT_EQ(ask("PUT /api/v1/tenants/other/apps/shop/members/owner", R"({"role":"viewer"})").status, 404);
    EXPECT_EQ(ask("PUT /api/v1/tenants/other/users/alice/roles/viewer").status, 404);
    EXPECT_EQ(ask("PUT /api/v1/tenants/other/users/owner/roles/" + role).status, 404);
    EXPECT_EQ(ask("PUT /api/v1/tenants/other/owner", R"({"user_id":"alice"})").status, 404);
    EXPECT_EQ(ids("/api/v1/tenants/other/apps"), "");
    EXPECT_EQ(ids("/api/v1/tenants/other/users"), "owner");
    EXPECT_EQ(ask("POST /api/v1/tenants/other/apps/shop/branches", R"({"code":"x","name":"x"})").status, 404);
    EXPECT_EQ(ask("POST /api/v1/tenants/nowhere/apps", R"({"name":"x"})").status, 404);
}

TEST_P(PeopleApi, GivesAndTakesRoles) {
    const Reply role =
        make("acme/roles", R"({"name":"Reader","description":"Reads.","permissions":["package:read"]})");
    EXPECT_EQ(role.at("/permissions"), R"(["package:read"])");
    const std::string address = "/api/v1/tenants/acme/users/owner/roles";
    EXPECT_EQ(ask("PUT " + address + "/" + role.at("/id")).at("/role"), role.at("/id"));
    EXPECT_EQ(ask("PUT " + address + "/auditor").status, 200);
    EXPECT_EQ(ask("GET " + address).json.at("roles").as_array().size(), 2u);
    EXPECT_EQ(ask("PUT " + address + "/owner").status, 409) << "nobody gives ownership as a role";
    EXPECT_EQ(ask("PUT " + address + "/nonsense").status, 404);
    EXPECT_EQ(ask("DELETE " + address + "/auditor").status, 204);
    EXPECT_EQ(ask("DELETE " + address + "/auditor").status, 404);
    const Reply changed = ask("PATCH /api/v1/tenants/acme/roles/" + role.at("/id"),
                              R"({"permissions":["package:*"],"status":"inactive"})", if_match("\"1\""));
    EXPECT_EQ(changed.at("/permissions"), R"(["package:*"])") << changed.body;
    EXPECT_EQ(ids("/api/v1/tenants/acme/roles?status=inactive"), role.at("/id"));
}

TEST_P(PeopleApi, PassesOwnershipOn) {
    make("acme/users", R"({"id":"alice","username":"alice"})");
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/owner").at("/user_id"), "owner");
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/owner", R"({"user_id":"alice","reason":"Sold."})")
                  .at("/previous_owner"),
              "owner");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/owner").status, 403) << "whoever gave it away has it no more";
    act_as(make_key("acme", "alice"));
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/owner").at("/user_id"), "alice");
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/owner", R"({"user_id":"alice"})").status, 409);
    const Reply history = ask("GET /api/v1/tenants/acme/ownership-history");
    EXPECT_EQ(history.at("/items/0/reason"), "Sold.");
    EXPECT_EQ(history.at("/items/1/new_owner"), "owner");
    EXPECT_EQ(ask("DELETE /api/v1/tenants/acme/users/alice").status, 409) << "an owner stays";
}

TEST_P(PeopleApi, KeepsTheLastPlatformAdministrator) {
    make("acme/users", R"({"id":"alice","username":"alice"})");
    EXPECT_EQ(ask("PUT /api/v1/platform-admins/acme/owner").status, 403) << "no owner runs the installation";
    act_as(operator_token());
    EXPECT_EQ(ask("PUT /api/v1/platform-admins/acme/owner").at("/tenant_id"), "acme");
    EXPECT_EQ(ask("PUT /api/v1/platform-admins/acme/nobody").status, 404);
    EXPECT_EQ(ask("DELETE /api/v1/platform-admins/acme/owner").status, 409);
    EXPECT_EQ(ask("PUT /api/v1/platform-admins/acme/alice").status, 200);
    EXPECT_EQ(ask("DELETE /api/v1/platform-admins/acme/owner").status, 204);
    const Reply all = ask("GET /api/v1/platform-admins?tenant_id=acme");
    EXPECT_EQ(all.json.at("items").as_array().size(), 1u) << all.body;
}

// Nobody gives away more than they have, or becomes somebody who has more.
TEST_P(PeopleApi, BoundsGivingByHaving) {
    make("acme/users", R"({"id":"ann","username":"ann"})");
    make("acme/users", R"({"id":"bob","username":"bob"})");
    make("acme/apps", R"({"id":"shop","name":"Shop"})");
    ASSERT_EQ(ask("PUT /api/v1/tenants/acme/users/ann/roles/admin").status, 200);
    const std::string wide = make("acme/roles", R"({"name":"All","permissions":["*"]})").at("/id");
    act_as(make_key("acme", "ann"));
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/users/bob/roles/viewer").status, 200);
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/users/ann/roles/" + wide).status, 403);
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/apps/shop/members/ann", R"({"role":")" + wide + "\"}").status,
              403);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/roles", R"({"name":"Mine","permissions":["*"]})").status, 403);
    EXPECT_EQ(
        ask("POST /api/v1/tenants/acme/policies",
            R"({"name":"p","effect":"allow","subjects":["user:ann"],"actions":["*"],"resources":["*"]})")
            .status,
        403);
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/users/owner", R"({"username":"ann2"})", if_match("*")).status,
              403);
    EXPECT_EQ(
        ask("POST /api/v1/tenants/acme/users/owner/identities", R"({"provider":"x","provider_id":"ann"})")
            .status,
        403);
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/users/bob", R"({"full_name":"Bob"})", if_match("*")).status,
              200);
    // With a key of few scopes, no role that allows more than the key.
    act_as(make_key("acme", "owner",
                    identity::Scopes({{.actions = {"key:*", "role:*"}, .resources = {}, .tags = {}}})));
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme/users/bob/roles/admin").status, 403);
}

TEST_P(PeopleApi, NothingIsListedBelowAnAppThatIsGone) {
    make("acme/apps", R"({"id":"shop","name":"Shop"})");
    for (const char* list : {"branches", "members", "keys"})
        EXPECT_EQ(ask("GET /api/v1/tenants/acme/apps/shop/" + std::string(list)).status, 200) << list;
    ask("DELETE /api/v1/tenants/acme/apps/shop");
    for (const char* list : {"branches", "members", "keys"})
        EXPECT_EQ(ask("GET /api/v1/tenants/acme/apps/shop/" + std::string(list)).refusal(),
                  "404 not-found There is no app shop.")
            << list;
}

TEST_P(PeopleApi, FindsWhomAnotherProviderKnows) {
    make("acme/users", R"({"id":"bob","username":"bob"})");
    for (const char* known_as :
         {R"({"provider":"ldap","provider_id":"cn=bob/x"})", R"({"provider":"git","provider_id":"7"})"}) {
        ASSERT_EQ(ask("POST /api/v1/tenants/acme/users/bob/identities", known_as).status, 201);
        clock().advance(std::chrono::seconds(1));  // ids are in the order of time
    }
    const Reply found = ask("GET /api/v1/tenants/acme/identities?provider=ldap&provider_id=cn%3Dbob%2Fx");
    EXPECT_EQ(found.at("/items/0/user_id"), "bob") << found.body;
    EXPECT_EQ(found.at("/items/1"), "");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/identities?provider=ldap&provider_id=cn").at("/items/0"), "");
    const Reply page = ask("GET /api/v1/tenants/acme/identities?limit=1");
    EXPECT_EQ(page.at("/items/0/provider"), "ldap");
    EXPECT_EQ(
        ask("GET /api/v1/tenants/acme/identities?limit=1&cursor=" + page.at("/next")).at("/items/0/provider"),
        "git");
}

// Orders and filters that the API names are those that each noun has.
TEST_P(PeopleApi, NamesTheFiltersThatThereAre) {
    make("acme/apps", R"({"id":"shop","name":"Shop"})");
    const std::vector<std::pair<std::string, std::string>> cases{
        {"apps", "type=web&status=active&name=a&search=b"},
        {"apps/shop/branches", "type=store&status=active&name=a&search=b"},
        {"users", "status=active&username=a&email=b&search=c"},
        {"roles", "status=active&name=a&search=b"},
        {"apps/shop/members", "role=viewer&status=active&sort=user_id"},
        {"users/owner/memberships", "role=viewer&status=active&sort=app_id"},
        {"ownership-history", "sort=-transferred_at"},
        {"identities", "provider=a&provider_id=b&sort=id"},
        {"audit",
         "actor=a&action=b&subject=c&key_id=d&session_id=e&address=f&request_id=g&result=ok&since=2027-01-"
         "01T00:00:00Z&until=2027-02-01T00:00:00Z&sort="
         "at"},
    };
    for (const auto& [list, query] : cases) {
        const Reply reply = ask("GET /api/v1/tenants/acme/" + list + "?" + query);
        EXPECT_EQ(reply.status, 200) << list << " " << reply.body;
    }
    for (const char* list : {"apps", "apps/shop/branches", "roles"})
        for (const char* sort : {"name", "created_at", "-created_at"})
            EXPECT_EQ(ask("GET /api/v1/tenants/acme/" + std::string(list) + "?sort=" + sort).status, 200)
                << list;
    for (const char* sort : {"username", "created_at", "-created_at"})
        EXPECT_EQ(ask("GET /api/v1/tenants/acme/users?sort=" + std::string(sort)).status, 200) << sort;
}

TEST_P(PeopleApi, TellsWhatHappened) {
    make("acme/apps", R"({"id":"shop","name":"Shop"})");
    const Reply page = ask("GET /api/v1/tenants/acme/audit?action=app.create");
    EXPECT_EQ(page.at("/items/0/subject"), "shop") << page.body;
    EXPECT_EQ(page.at("/items/0/details/name/to"), "Shop");
    const Reply lines = ask("GET /api/v1/tenants/acme/audit/export");
    EXPECT_EQ(lines.status, 200);
    EXPECT_EQ(lines.header("content-type"), "application/x-ndjson");
    EXPECT_NE(lines.body.find("app.create"), std::string::npos);
    EXPECT_EQ(std::ranges::count(lines.body, '\n'), 6)
        << "tenant, user, ownership, link, key, app: " << lines.body;
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/audit/export?since=2030-01-01T00:00:00Z").body, "");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/audit/export?since=noon").status, 400);
}

}  // namespace
}  // namespace lodestone::api
