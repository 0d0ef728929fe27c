// Whoever refuses a field, the reader of JSON or the noun that knows its rules, names it in `errors` by its
// JSON pointer: one bad value for each field that a noun checks, on the real server.
#include "support/api_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

// Asked as "POST /api/v1/tenants/acme/LIST" with BODY; what it has to point at.
struct BadField {
    std::string_view request;
    std::string_view body;
    std::string_view pointer;
};

constexpr BadField bad_fields[] = {
    {"POST users", R"({"username":"b b"})", "/username"},
    {"POST users", R"({"username":"bob","email":"nowhere"})", "/email"},
    {"POST users", R"({"username":"bob","full_name":" Bob"})", "/full_name"},
    {"POST users", R"({"username":"bob","phone_number":"call me"})", "/phone_number"},
    {"PATCH users/bob", R"({"email":"a@b@c"})", "/email"},
    {"POST apps", R"({"name":"a  b"})", "/name"},
    {"POST apps", R"({"name":"a","config":{"rate_limits":{"burst":0}}})", "/config/rate_limits/burst"},
    {"POST apps", R"({"name":"a","config":{"rate_limits":{"a.b/c":0}}})", "/config/rate_limits/a.b~1c"},
    {"POST apps", R"({"name":"a","config":{"allowed_scopes":["package:read","x"]}})",
     "/config/allowed_scopes/1"},
    {"POST apps", R"({"name":"a","config":{"allowed_origins":["x"]}})", "/config/allowed_origins/0"},
    {"POST apps/shop/branches", R"({"code":"a b","name":"a"})", "/code"},
    {"POST apps/shop/branches", R"({"code":"a","name":"a","address":{"latitude":91}})", "/address/latitude"},
    {"POST apps/shop/branches", R"({"code":"a","name":"a","contact":{"email":"x"}})", "/contact/email"},
    {"POST apps/shop/branches", R"({"code":"a","name":"a","settings":{"currency":"euro"}})",
     "/settings/currency"},
    {"POST users/owner/keys", R"({"name":"k","scopes":[{"actions":["read"]}]})", "/scopes/0/actions"},
    {"POST users/owner/keys", R"({"name":"k","scopes":[]})", "/scopes"},
    {"POST users/owner/keys", R"({"name":"k","type":"public"})", "/scopes"},
    {"POST users/owner/keys",
     R"({"name":"k","type":"public","scopes":[{"actions":["package:read"]},{"actions":["package:publish"]}]})",
     "/scopes/1/actions"},
    {"POST users/owner/keys", R"({"name":"k","networks":["10.0.0.1/8"]})", "/networks"},
    {"POST users/owner/keys", R"({"name":"k","expires_at":"2020-01-01T00:00:00Z"})", "/expires_at"},
    {"POST roles", R"({"name":"r","permissions":["explode"]})", "/permissions"},
    {"POST policies", R"({"name":"p","effect":"deny","subjects":["*"],"actions":["x"],"resources":["*"]})",
     "/actions"},
    {"POST policies", R"({"name":"p","effect":"allow","subjects":["*"],"actions":["x"],"resources":["*"]})",
     "/actions"},
    {"POST policies", R"({"name":"p","effect":"deny","subjects":["*"],"actions":["*"],"resources":["x"]})",
     "/resources"},
    {"POST policies",
     R"({"name":"p","effect":"deny","subjects":["user:x"],"actions":["*"],"resources":["*"]})",
     "/subjects/0"},
    {"POST policies",
     R"({"name":"p","effect":"deny","subjects":["*"],"actions":["*"],"resources":["*"],"conditions":[{"attribute":"x","operator":"eq","value":"y"}]})",
     "/conditions/0/attribute"},
    {"POST invitations", R"({"role":"viewer","email":"x"})", "/email"},
    {"POST invitations", R"({"role":"viewer","expires_at":"2099-01-01T00:00:00Z"})", "/expires_at"},
    {"PATCH ", R"({"domain":"-"})", "/domain"},
    {"PATCH ", R"({"settings":{"password_policy":{"min_length":1}}})",
     "/settings/password_policy/min_length"},
    {"PATCH ", R"({"config":{"security":{"allowed_ips":["10.0.0.0/8","x"]}}})",
     "/config/security/allowed_ips/1"},
};

class FieldFaultsApi : public test::ApiTest {};
INSTANTIATE_ON_EVERY_DATABASE(FieldFaultsApi);

TEST_P(FieldFaultsApi, NameEveryFieldByItsPointer) {
    act_as(make_tenant("acme"));
    ASSERT_EQ(ask("POST /api/v1/tenants/acme/apps", R"({"id":"shop","name":"Shop"})").status, 201);
    ASSERT_EQ(ask("POST /api/v1/tenants/acme/users", R"({"id":"bob","username":"bob2"})").status, 201);
    for (const BadField& bad : bad_fields) {
        const std::size_t space = bad.request.find(' ');
        const std::string place(bad.request.substr(space + 1));
        const std::string line = std::string(bad.request.substr(0, space)) + " /api/v1/tenants/acme" +
                                 (place.empty() ? "" : "/") + place;
        const Reply reply = ask(line, std::string(bad.body), if_match("*"));
        EXPECT_EQ(reply.status, 400) << line << " " << bad.body << " " << reply.body;
        EXPECT_EQ(reply.at("/errors/0/pointer"), bad.pointer) << line << " " << bad.body << " " << reply.body;
        EXPECT_NE(reply.at("/errors/0/detail"), "") << line;
    }
}

TEST_P(FieldFaultsApi, PointIntoTheOwnerOfANewTenant) {
    const Reply reply =
        ask("POST /api/v1/tenants", R"({"name":"Acme","owner":{"username":"olga","email":"nowhere"}})");
    EXPECT_EQ(reply.at("/errors/0/pointer"), "/owner/email") << reply.body;
}

}  // namespace
}  // namespace lodestone::api
