// The life of a tenant over HTTP, on both engines; and with it what every noun of the API shares: pages,
// If-Match, Idempotency-Key, and how input is refused.
#include "support/api_test.hpp"

namespace lodestone::api {
namespace {

using test::Reply;

class TenantApi : public test::ApiTest {
  protected:
    Reply make(const std::string& id, const std::string& headers = "") {
        return ask("POST /api/v1/tenants",
                   R"({"id":")" + id + R"(","name":"Name of )" + id + R"(","owner":{"username":"owner"}})",
                   headers);
    }
};
INSTANTIATE_ON_EVERY_DATABASE(TenantApi);

// The link with which the owner chooses a password is another one each time, and shown once.
std::string without_link(const std::string& body) {
    const std::size_t from = body.find(R"("owner_reset_link")");
    return from == body.npos ? body : body.substr(0, from) + body.substr(body.find(',', from) + 1);
}

TEST_P(TenantApi, Lives) {
    const Reply made =
        ask("POST /api/v1/tenants",
            R"({"id":"acme","name":"Acme","metadata":{"a":[1]},"owner":{"id":"ann","username":"ann"}})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.header("location"), "/api/v1/tenants/acme");
    EXPECT_EQ(made.header("etag"), "\"1\"");
    const std::string shown_form =
        R"("id":"acme","name":"Acme","status":"active","domain":null,"config":{},"settings":{},)"
        R"("metadata":{"a":[1]},"version":1,)"
        R"("created_at":"2027-01-15T08:00:00.000000Z","created_by":"operator",)"
        R"("updated_at":"2027-01-15T08:00:00.000000Z","updated_by":"operator"})"
        "\n";
    EXPECT_EQ(without_link(made.body), R"({"owner_id":"ann",)" + shown_form);

    const Reply shown = ask("GET /api/v1/tenants/acme");
    EXPECT_EQ(shown.body, "{" + shown_form);
    EXPECT_EQ(ask("GET /api/v1/tenants/acme", "", "If-None-Match: \"1\"\r\n").status, 304);
    EXPECT_EQ(ask("HEAD /api/v1/tenants/acme").header("etag"), "\"1\"");

    const Reply changed = ask("PATCH /api/v1/tenants/acme", R"({"name":"Acme Inc"})", if_match("\"1\""));
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(changed.at("/name"), "Acme Inc");
    EXPECT_EQ(changed.at("/metadata"), R"({"a":[1]})") << "what was not sent stays";
    EXPECT_EQ(changed.header("etag"), "\"2\"");

    EXPECT_EQ(ask("POST /api/v1/tenants/acme/suspend").at("/status"), "suspended");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/activate").at("/status"), "active");
    EXPECT_EQ(ask("DELETE /api/v1/tenants/acme").status, 204);
    EXPECT_EQ(ask("GET /api/v1/tenants/acme").refusal(), "404 not-found There is no tenant acme.");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/restore").at("/name"), "Acme Inc");
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE subject = 'acme'"), "7")
        << "made, its first owner, changed, suspended, activated, deleted, restored";
}

// What happened to the installation itself is for those who run it, and for nobody else.
TEST_P(TenantApi, TheInstallationsLogIsForThoseWhoRunIt) {
    const std::string owner = make_tenant("acme");
    ASSERT_EQ(ask("PUT /api/v1/platform-admins/acme/owner").status, 200);
    make_tenant("other");
    const std::string stranger = make_key("other", "owner");
    const std::string reader =
        make_key("acme", "owner", identity::Scopes({{.actions = {"user:*"}, .resources = {}, .tags = {}}}));
    for (const std::string& token : {operator_token(), owner}) {
        act_as(token);
        const Reply log = ask("GET /api/v1/audit?action=platform_admin.grant&sort=at");
        ASSERT_EQ(log.status, 200) << log.body;
        EXPECT_EQ(log.at("/items/0/subject"), "owner");
        EXPECT_EQ(log.at("/items/1/subject"), "");
    }
    EXPECT_EQ(ask("GET /api/v1/tenants/other/audit").status, 404)
        << "what happens in a tenant is the tenant's";
    EXPECT_EQ(ask("GET /api/v1/audit/export").status, 401) << "of all tenants: for the operator";
    for (const std::string& token : {stranger, reader}) {
        act_as(token);
        EXPECT_EQ(ask("GET /api/v1/audit").status, 403);
    }
}

TEST_P(TenantApi, HeedsIfMatch) {
    make("acme");
    const std::string change = R"({"name":"Other"})";
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme", change).status, 428);
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme", change, if_match("\"7\"")).status, 412);
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme", change, if_match("W/\"1\"")).status, 412)
        << "weak ones never match";
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme", change, if_match("1")).status, 400);
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme", change, if_match("\"3\", \"1\"")).status, 200);
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme", change, if_match("\"1\"")).status, 412)
        << "it is version 2 now";
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme", change, if_match("*")).header("etag"), "\"3\"");
    EXPECT_EQ(ask("DELETE /api/v1/tenants/acme", "", if_match("\"1\"")).status, 412);
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/suspend", "", if_match("\"1\"")).status, 412);
    EXPECT_EQ(ask("PATCH /api/v1/tenants/gone", change, if_match("*")).status, 404);
}

TEST_P(TenantApi, MakesOnceWhatIsAskedForTwice) {
    const std::string key = "Idempotency-Key: 7f3a\r\n";
    const Reply first = ask("POST /api/v1/tenants", R"({"name":"Acme","owner":{"username":"olga"}})", key);
    ASSERT_EQ(first.status, 201) << first.body;
    clock().advance(std::chrono::seconds(1));
    const Reply second = ask("POST /api/v1/tenants", R"({"name":"Acme","owner":{"username":"olga"}})", key);
    EXPECT_EQ(second.status, 201);
    EXPECT_EQ(without_link(second.body), without_link(first.body));
    EXPECT_EQ(second.header("location"), first.header("location"));
    EXPECT_EQ(second.header("etag"), first.header("etag"));
    EXPECT_EQ(ask("POST /api/v1/tenants", R"({"name":"Bcme","owner":{"username":"olga"}})", key)
                  .refusal()
                  .substr(0, 27),
              "422 idempotency-key-reused ");
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants"), "1");
    EXPECT_EQ(ask("POST /api/v1/tenants", R"({"name":"Acme","owner":{"username":"olga"}})",
                  "Idempotency-Key: other\r\n")
                  .status,
              409)
        << "another key is another request, and the name is taken";
    EXPECT_EQ(ask("POST /api/v1/tenants", R"({"name":"X"})",
                  "Idempotency-Key: " + std::string(limits::idempotency_key_bytes + 1, 'k') + "\r\n")
                  .status,
              400);
}

TEST_P(TenantApi, AnswersAllOfManyAtOnceAlike) {
    std::vector<std::string> bodies(8);
    test::run_at_once(8, [&](int i) {
        Reply reply = ask("POST /api/v1/tenants", R"({"name":"Acme","owner":{"username":"olga"}})",
                          "Idempotency-Key: one\r\n");
        while (reply.status == 409)
            reply = ask("POST /api/v1/tenants", R"({"name":"Acme","owner":{"username":"olga"}})",
                        "Idempotency-Key: one\r\n");
        bodies[static_cast<std::size_t>(i)] = without_link(reply.body);
    });
    for (const std::string& body : bodies) EXPECT_EQ(body, bodies.front());
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants"), "1");
}

TEST_P(TenantApi, ForgetsKeptAnswersInTime) {
    make("acme", "Idempotency-Key: k\r\n");
    EXPECT_EQ(write([&](db::Tx& tx) { return purge_kept_answers(tx, clock().now()); }), 0);
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(write([&](db::Tx& tx) { return purge_kept_answers(tx, clock().now()); }), 1);
    EXPECT_EQ(make("acme", "Idempotency-Key: k\r\n").status, 409) << "it is a new request again";
}

TEST_P(TenantApi, ComesInPages) {
    for (const char* id : {"a", "b", "c", "d", "e"}) {
        make(id);
        clock().advance(std::chrono::seconds(1));
    }
    std::string address = "/api/v1/tenants?limit=2&sort=-created_at&search=name";
    std::string ids;
    for (int pages = 0; !address.empty() && pages < 9; ++pages) {
        const Reply page = ask("GET " + address);
        ASSERT_EQ(page.status, 200) << page.body;
        for (int i = 0; i < 2; ++i) ids += page.at("/items/" + std::to_string(i) + "/id");
        ids += ' ';
        const std::string link = page.header("link");
        EXPECT_EQ(link.empty(), page.at("/next") == "null");
        address = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    }
    EXPECT_EQ(ids, "ed cb a ");
    make("f");
    ask("POST /api/v1/tenants/f/suspend");
    const Reply suspended = ask("GET /api/v1/tenants?status=suspended");
    EXPECT_EQ(suspended.at("/items/0/id"), "f");
    EXPECT_EQ(suspended.at("/items/1/id"), "");
}

TEST_P(TenantApi, RefusesWhatAListCannotDo) {
    const struct {
        const char* query;
        const char* names;
    } cases[] = {{"limit=0", "limit"},      {"limit=1001", "limit"},      {"limit=x", "limit"},
                 {"sort=id", "sort"},       {"cursor=zzz", "cursor"},     {"owner=x", "owner"},
                 {"status=gone", "status"}, {"limit=1&limit=2", "limit"}, {"name=a&name=b", "name"}};
    for (const auto& c : cases) {
        const Reply reply = ask("GET /api/v1/tenants?" + std::string(c.query));
        EXPECT_EQ(reply.status, 400) << c.query;
        EXPECT_NE(reply.at("/detail").find(c.names), std::string::npos) << c.query << ": " << reply.body;
    }
    EXPECT_EQ(ask("GET /api/v1/tenants/acme?x=1").status, 400) << "no query where there is none";
    // What the list's own file knows is what the API says it knows.
    const Reply sorts = ask("GET /api/v1/tenants?sort=nonsense");
    for (const char* sort : {"name", "created_at", "-created_at"}) {
        EXPECT_NE(sorts.at("/detail").find(sort), std::string::npos) << sorts.body;
        EXPECT_EQ(ask("GET /api/v1/tenants?sort=" + std::string(sort)).status, 200);
    }
}

TEST_P(TenantApi, RefusesBadInputByField) {
    const struct {
        const char* body;
        const char* pointer;
    } cases[] = {
        {R"({})", "/name"},
        {R"({"name":7,"owner":{"username":"olga"}})", "/name"},
        {R"({"name":null,"owner":{"username":"olga"}})", "/name"},
        {R"({"name":"","owner":{"username":"olga"}})", "/name"},
        {R"({"name":"x","status":"active","owner":{"username":"olga"}})", "/status"},
        {R"({"name":"x","version":7,"owner":{"username":"olga"}})", "/version"},
        {R"({"name":"x","deleted_at":null,"owner":{"username":"olga"}})", "/deleted_at"},
        {R"({"name":"x","id":"../y","owner":{"username":"olga"}})", "/id"},
        {R"({"name":"x","id":"","owner":{"username":"olga"}})", "/id"},
        {R"({"name":"x","metadata":"{}","owner":{"username":"olga"}})", "/metadata"},
        {R"({"name":"x","metadata":[],"owner":{"username":"olga"}})", "/metadata"},
        {R"({"name":"x","name":"y","owner":{"username":"olga"}})", "/name"},
    };
    for (const auto& c : cases) {
        const Reply reply = ask("POST /api/v1/tenants", c.body);
        EXPECT_EQ(reply.status, 400) << c.body;
        EXPECT_EQ(reply.header("content-type"), "application/problem+json");
        EXPECT_EQ(reply.at("/errors/0/pointer"), c.pointer) << c.body << reply.body;
        EXPECT_NE(reply.at("/detail").find(c.pointer), std::string::npos) << reply.body;
    }
    const std::string long_name(limits::name_bytes + 1, 'n');
    EXPECT_EQ(ask("POST /api/v1/tenants", R"({"name":")" + long_name + "\"}").at("/errors/0/pointer"),
              "/name");
    const std::string long_id(limits::id_bytes + 1, 'n');
    EXPECT_EQ(ask("POST /api/v1/tenants", R"({"name":"n","id":")" + long_id + "\"}").at("/errors/0/pointer"),
              "/id");
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants"), "0");
}

TEST_P(TenantApi, RefusesBodiesThatAreNone) {
    EXPECT_EQ(ask("POST /api/v1/tenants").status, 400);
    EXPECT_EQ(ask("POST /api/v1/tenants", "{").refusal().substr(0, 41),
              "400 malformed-request The body is not JSO");
    EXPECT_EQ(ask("POST /api/v1/tenants", "name=x", "Content-Type: text/plain\r\n").status, 415);
    EXPECT_EQ(ask("POST /api/v1/tenants", R"({"name":"x","owner":{"username":"olga"}})",
                  "Content-Type: application/json; charset=utf-8\r\n")
                  .status,
              201);
    EXPECT_EQ(ask("POST /api/v1/tenants", "", "Content-Length: 262145\r\n").status, 413);
    EXPECT_EQ(ask("POST /api/v1/sign-in", "", "Content-Length: 20481\r\n").status, 413)
        << "who has not shown who they are may send less";
    make("acme");
    EXPECT_EQ(make("acme").refusal().substr(0, 12), "409 conflict") << "the name, or the id";
    EXPECT_EQ(ask("GET /api/v1/tenants/..%2Fx").status, 400);
    EXPECT_EQ(ask("GET /api/v1/tenants/-x").status, 404);
    EXPECT_EQ(ask("PUT /api/v1/tenants/acme").status, 405);
    EXPECT_EQ(ask("OPTIONS /api/v1/tenants/acme").header("allow"), "GET, HEAD, PATCH, DELETE, OPTIONS");
}

// The test asks from 127.0.0.1.
TEST_P(TenantApi, NobodyShutsThemselvesOutByMistake) {
    act_as(make_tenant("acme"));
    const auto change = [&](const std::string& security, const std::string& rest = {}) {
        return ask("PATCH /api/v1/tenants/acme", R"({"config":{"security":)" + security + "}" + rest + "}",
                   if_match("*"));
    };
    EXPECT_EQ(change(R"({"allowed_ips":["10.0.0.0/8"]})").refusal(),
              "409 conflict Your own address, 127.0.0.1, would not be let in any more: "
              "config.security.allowed_ips says so. Send \"force\": true if that is meant.");
    EXPECT_EQ(change(R"({"blocked_ips":["127.0.0.0/8"]})").status, 409);
    EXPECT_EQ(change(R"({"allowed_ips":["127.0.0.0/8"]})").status, 200);
    EXPECT_EQ(ask("GET /api/v1/tenants/acme").status, 200);
    EXPECT_EQ(change(R"({"allowed_ips":["10.0.0.0/8"]})", R"(,"force":true)").status, 200);
    EXPECT_EQ(ask("GET /api/v1/tenants/acme").refusal(),
              "403 address-not-allowed The address is not let in there: the tenant's "
              "config.security.allowed_ips says so.");
    act_as(operator_token());
    EXPECT_EQ(change("{}").status, 200);
    act_as(make_key("acme", "owner"));
    const auto allow = [&](const std::string& methods, const std::string& rest = {}) {
        return ask("PATCH /api/v1/tenants/acme",
                   R"({"settings":{"allowed_auth_methods":)" + methods + "}" + rest + "}", if_match("*"));
    };
    EXPECT_EQ(allow(R"(["password"])").refusal(),
              "409 conflict You would not be let in any more the way you came: "
              "settings.allowed_auth_methods says so. Send \"force\": true if that is meant.");
    EXPECT_EQ(allow(R"(["password","key"])").status, 200);
    EXPECT_EQ(allow(R"(["password"])", R"(,"force":true)").status, 200);
    EXPECT_EQ(ask("GET /api/v1/tenants/acme").status, 403);
    act_as(operator_token());
    EXPECT_EQ(change(R"({"allowed_ips":["10.0.0.0/8","192.0.2.0/24"]})").status, 200)
        << "they are not let in by it";
}

}  // namespace
}  // namespace lodestone::api
