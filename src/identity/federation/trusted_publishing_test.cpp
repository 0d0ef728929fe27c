// A pipeline's token becomes a key for some minutes: exactly its own, once, and from nobody else.
#include "identity/federation/trusted_publishing.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <future>

#include "identity/federation/issuer_directory.hpp"
#include "identity/nouns/tenant.hpp"
#include "support/client_runner.hpp"
#include "support/databases.hpp"
#include "support/issuer.hpp"
#include "support/scripted_server.hpp"

namespace lodestone::identity {
namespace {

namespace json = boost::json;
using db::Tx;
using namespace std::chrono_literals;
constexpr const char* audience = "https://registry.example";

class TrustedPublishingTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped()) return;
        client_ = std::make_unique<http::Client>(test::loopback_options(), metrics_, log_);
        directory_ = std::make_unique<IssuerDirectory>(*client_, context());
        publishing_ =
            std::make_unique<TrustedPublishing>(database(), *directory_, mint_, context().clock, audience);
        loops_.start();
        for (const TenantId& tenant : {acme_, other_})
            write([&](Tx& tx) {
                Tenant made;
                made.id = tenant;
                made.name = tenant.text();
                insert_tenant(tx, made);
            });
        for (const char* tenant : {"acme", "other"}) make_app(tenant, "widgets");
    }
    void TearDown() override {
        loops_.stop();
        publishing_.reset();
        directory_.reset();
        client_.reset();
        OnEveryDatabase::TearDown();
    }

    void make_app(const std::string& tenant, const std::string& id) {
        run_sql(
            "INSERT INTO apps (tenant_id, id, name, name_folded, type, status, config, metadata, version, "
            "created_at, created_by, updated_at, updated_by) VALUES ('" +
            tenant + "', '" + id + "', '" + id + "', '" + id +
            "', 'service', 'active', '{}', '{}', 1, 0, 'alice', 0, 'alice')");
    }
    TrustedPublisher make(const std::string& name = "release") {
        TrustedPublisher publisher;
        publisher.id = new_id<PublisherId>();
        publisher.app_id = app_;
        publisher.name = name;
        publisher.issuer = server_.url("");
        publisher.repository = "acme/widgets";
        publisher.repository_id = "17";
        publisher.owner_id = "4";
        publisher.workflow = ".github/workflows/release.yml";
        publisher.scopes = R"([{"actions":["package:publish"]}])";
        publisher.lifetime_seconds = 600;
        return publisher;
    }
    TrustedPublisher trust(const TrustedPublisher& publisher) {
        return write([&](Tx& tx) { return insert_publisher(tx, acme_, publisher); });
    }
    // What the forge says of a run; `changes` replace members, or take them away when they are null.
    std::string token(const json::object& changes = {}) {
        const std::int64_t now =
            std::chrono::duration_cast<std::chrono::seconds>(clock().now().time_since_epoch()).count();
        json::object claims{{"iss", server_.url("")},
                            {"aud", audience},
                            {"sub", "repo:acme/widgets:environment:release"},
                            {"jti", "run-" + std::to_string(++runs_)},
                            {"iat", now},
                            {"exp", now + 300},
                            {"repository", "acme/widgets"},
                            {"repository_id", "17"},
                            {"repository_owner_id", "4"},
                            {"workflow_ref", "acme/widgets/.github/workflows/release.yml@refs/tags/v1"},
                            {"environment", "release"}};
        for (const auto& change : changes)
            if (change.value().is_null())
                claims.erase(change.key());
            else
                claims[change.key()] = change.value();
        return key_.sign(json::serialize(claims));
    }
    ExchangedKey exchange(const std::string& text, std::optional<AppId> app = {}, const char* tenant = "acme",
                          const std::string& for_whom = {}) {
        std::promise<ExchangedKey> promise;
        boost::asio::co_spawn(loops_.at(0).context(),
                              publishing_->exchange({.actor = "anonymous", .request_id = "request-2"},
                                                    {.tenant = TenantId::trusted(tenant),
                                                     .token = text,
                                                     .app = std::move(app),
                                                     .audience = for_whom}),
                              [&promise](std::exception_ptr error, ExchangedKey key) {
                                  error ? promise.set_exception(error) : promise.set_value(std::move(key));
                              });
        return promise.get_future().get();
    }
    // By a client that names no tenant, and prefers `first`.
    std::string find_tenant(const std::string& text, const char* first) {
        std::promise<TenantId> promise;
        // Both live until the answer is there.
        const db::Unit unit{.actor = "anonymous", .request_id = "request-3"};
        const TokenExchange wanted{.tenant = TenantId::trusted(first), .token = text, .app = {}};
        boost::asio::co_spawn(loops_.at(0).context(), publishing_->find_tenant(unit, wanted),
                              [&promise](std::exception_ptr error, TenantId tenant) {
                                  error ? promise.set_exception(error) : promise.set_value(std::move(tenant));
                              });
        try {
            return promise.get_future().get().text();
        } catch (const Problem& problem) {
            return std::string(problem.kind().code) + ": " + problem.detail();
        }
    }
    std::string refusal(const std::string& text, std::optional<AppId> app = {}, const char* tenant = "acme") {
        try {
            (void)exchange(text, std::move(app), tenant);
        } catch (const Problem& problem) {
            return std::string(problem.kind().code) + ": " + problem.detail();
        }
        return {};
    }
    std::string kind_of_refusal(const json::object& changes) {
        const std::string text = refusal(token(changes));
        return text.substr(0, text.find(':'));
    }

    const TenantId acme_ = TenantId::trusted("acme");
    const TenantId other_ = TenantId::trusted("other");
    const AppId app_ = AppId::trusted("widgets");
    test::SigningKey key_{test::KeyType::p256};
    SystemRandom random_;
    KeyedHash hasher_{"a pepper of this test's own"};
    TokenMint mint_{hasher_, clock(), random_};
    int runs_ = 0;

  private:
    test::ScriptedServer server_{[this](test::ScriptedPeer& peer) {
        for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head())
            peer.answer(head.find("/.well-known/") != head.npos
                            ? R"({"issuer":")" + server_.url("") + R"(","jwks_uri":")" +
                                  server_.url("/keys") + "\"}"
                            : key_.key_set());
    }};
    Metrics metrics_;
    SystemClock system_clock_;
    Log log_{LogOptions{.level = LogLevel::off, .file = {}}, system_clock_};
    http::Loops loops_{1, metrics_};
    std::unique_ptr<http::Client> client_;
    std::unique_ptr<IssuerDirectory> directory_;
    std::unique_ptr<TrustedPublishing> publishing_;
};
INSTANTIATE_ON_EVERY_DATABASE(TrustedPublishingTest);

TEST_P(TrustedPublishingTest, GivesAShortLivedKeyOfTheApp) {
    const TrustedPublisher publisher = trust(make());
    const ExchangedKey exchanged = exchange(token());
    const Key& key = exchanged.issued.key;
    EXPECT_TRUE(exchanged.issued.text.starts_with("lsp_")) << exchanged.issued.text.substr(0, 4);
    EXPECT_EQ(exchanged.publisher, publisher.id);
    EXPECT_EQ(key.app_id, app_);
    EXPECT_EQ(key.user_id, std::nullopt);
    EXPECT_EQ(key.type, KeyType::publisher);
    EXPECT_EQ(key.expires_at, clock().now() + 600s);
    ASSERT_TRUE(key.find_scopes());
    EXPECT_EQ(key.find_scopes()->front().actions, std::vector<std::string>{"package:publish"});
    EXPECT_EQ(key.created_by, publisher.id.text());
    EXPECT_EQ(run_sql("SELECT count(*) FROM keys WHERE tenant_id = 'acme' AND app_id = 'widgets'"), "1");
}

TEST_P(TrustedPublishingTest, ItsKeysAreNeitherAskedForNorKept) {
    trust(make());
    const Key key = exchange(token()).issued.key;
    NewKey wanted;
    wanted.app_id = app_;
    wanted.name = "mine";
    wanted.type = KeyType::publisher;
    EXPECT_EQ(refusal_of([&](Tx& tx) { issue_key(tx, acme_, wanted, mint_); }).substr(0, 14),
              "invalid-input:");
    KeyChanges later;
    later.expires_at = clock().now() + 24h;
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_key(tx, acme_, key.id, key.version, later); }).substr(0, 9),
              "conflict:");
    EXPECT_EQ(refusal_of([&](Tx& tx) { rotate_key(tx, acme_, key.id, 0s, mint_); }).substr(0, 9),
              "conflict:");
    EXPECT_TRUE(write([&](Tx& tx) { return revoke_key(tx, acme_, key.id, "leaked"); }).revoked_at);
}

TEST_P(TrustedPublishingTest, ATokenIsGoodOnce) {
    trust(make());
    const std::string text = token();
    exchange(text);
    EXPECT_EQ(refusal(text), "unauthenticated: The token was exchanged before; each is good once.");
    // Also with another signature, another time, in another tenant.
    write([&](Tx& tx) { return insert_publisher(tx, other_, make()); });
    EXPECT_EQ(refusal(text, {}, "other"),
              "unauthenticated: The token was exchanged before; each is good once.");
    exchange(token());
}

TEST_P(TrustedPublishingTest, EveryRuleMustBeMet) {
    TrustedPublisher strict = make();
    strict.environment = "release";
    trust(strict);
    for (const json::object& changes : std::initializer_list<json::object>{
             {{"repository", "acme/gadgets"}},
             {{"repository", nullptr}},
             {{"repository_id", "18"}},  // the name was given up, and somebody else took it
             {{"repository_id", nullptr}},
             {{"repository_owner_id", "5"}},
             {{"repository_owner_id", nullptr}},
             {{"workflow_ref", "acme/widgets/.github/workflows/test.yml@refs/heads/main"}},
             {{"workflow_ref", "evil/widgets/.github/workflows/release.yml@refs/heads/main"}},
             {{"workflow_ref", "acme/widgets/.github/workflows/release.yml@x/evil.yml@refs/heads/main"}},
             {{"workflow_ref", "acme/widgets/.github/workflows/release.yml"}},
             {{"workflow_ref", nullptr}},
             {{"environment", "test"}},
             {{"environment", "Release"}},
             {{"environment", nullptr}}})
        EXPECT_EQ(kind_of_refusal(changes), "forbidden") << json::serialize(changes);
    EXPECT_EQ(refusal(token()), "");
    EXPECT_EQ(refusal(token({{"repository_id", 17}, {"repository_owner_id", 4}})), "");  // some write numbers
}

TEST_P(TrustedPublishingTest, ATokenIsForWhatTheProtocolAsksFor) {
    trust(make());
    EXPECT_EQ(exchange(token({{"aud", "npm:registry.example"}}), {}, "acme", "npm:registry.example")
                  .issued.key.type,
              KeyType::publisher);
    EXPECT_THROW(exchange(token(), {}, "acme", "npm:registry.example"), Problem);
    EXPECT_THROW(exchange(token({{"aud", "npm:other.example"}}), {}, "acme", "npm:registry.example"),
                 Problem);
}

TEST_P(TrustedPublishingTest, ATokenMustBeForHereAndOfNow) {
    trust(make());
    EXPECT_EQ(kind_of_refusal({{"aud", "https://other.example"}}), "unauthenticated");
    EXPECT_EQ(kind_of_refusal({{"aud", json::array{audience, "https://other.example"}}}), "unauthenticated");
    EXPECT_EQ(kind_of_refusal({{"exp", 1'000}}), "unauthenticated");
    EXPECT_EQ(kind_of_refusal({{"jti", nullptr}}), "unauthenticated");
    EXPECT_EQ(kind_of_refusal({{"jti", std::string(300, 'x')}}), "unauthenticated");
    EXPECT_EQ(kind_of_refusal({{"iss", "https://stranger.example"}}), "unauthenticated");
    EXPECT_EQ(refusal("nonsense"),
              "unauthenticated: The token is not a signed JSON Web Token in three parts.");
    std::string forged = token();
    forged[forged.size() / 2] = forged[forged.size() / 2] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(forged).substr(0, 16), "unauthenticated:");
}

TEST_P(TrustedPublishingTest, TrustsNobodyUntilSomebodyIs) {
    EXPECT_EQ(refusal(token()),
              "unauthenticated: The token is from an issuer that no publisher of this tenant trusts.");
    trust(make());
    EXPECT_EQ(refusal(token(), {}, "other"),
              "unauthenticated: The token is from an issuer that no publisher of this tenant trusts.");
}

TEST_P(TrustedPublishingTest, SuspensionAndDeletionCountAtOnce) {
    const TrustedPublisher publisher = trust(make());
    exchange(token());
    run_sql("UPDATE apps SET status = 'disabled' WHERE tenant_id = 'acme'");
    EXPECT_EQ(refusal(token()).substr(0, 16), "unauthenticated:");
    run_sql("UPDATE apps SET status = 'active' WHERE tenant_id = 'acme'");
    exchange(token());
    run_sql("UPDATE tenants SET status = 'suspended' WHERE id = 'acme'");
    EXPECT_EQ(refusal(token()).substr(0, 16), "unauthenticated:");
    run_sql("UPDATE tenants SET status = 'active' WHERE id = 'acme'");
    write([&](Tx& tx) { delete_publisher(tx, acme_, publisher.id); });
    EXPECT_EQ(refusal(token()).substr(0, 16), "unauthenticated:");
}

TEST_P(TrustedPublishingTest, AsksWhichAppWhenThereAreSeveral) {
    const AppId second = AppId::trusted("gadgets");
    make_app("acme", "gadgets");
    trust(make());
    TrustedPublisher other = make("second");
    other.app_id = second;
    trust(other);
    EXPECT_EQ(
        refusal(token()),
        "invalid-input: The field app_id is missing: the pipeline may publish for several apps; name one.");
    EXPECT_EQ(exchange(token(), second).issued.key.app_id, second);
    EXPECT_EQ(refusal(token(), AppId::trusted("third")).substr(0, 10), "forbidden:");
}

TEST_P(TrustedPublishingTest, ReadsTheOtherForgesTokens) {
    TrustedPublisher publisher = make();
    publisher.forge = Forge::gitlab;
    publisher.workflow = ".gitlab-ci.yml";
    trust(publisher);
    json::object claims{{"project_path", "acme/widgets"},
                        {"project_id", "17"},
                        {"namespace_id", "4"},
                        {"ci_config_ref_uri", "forge.example/acme/widgets//.gitlab-ci.yml@refs/heads/main"}};
    EXPECT_EQ(refusal(token(claims)), "");
    claims["ci_config_ref_uri"] = "forge.example/evil/shared//.gitlab-ci.yml@refs/heads/main";
    EXPECT_EQ(kind_of_refusal(claims), "forbidden");
}

TEST_P(TrustedPublishingTest, RefusesRulesThatAreNone) {
    const auto refusal_with = [&](auto change) {
        TrustedPublisher publisher = make();
        change(publisher);
        return refusal_of([&](Tx& tx) { insert_publisher(tx, acme_, publisher); });
    };
    for (auto field : {&TrustedPublisher::repository, &TrustedPublisher::repository_id,
                       &TrustedPublisher::owner_id, &TrustedPublisher::workflow}) {
        EXPECT_EQ(refusal_with([&](auto& it) { it.*field = ""; }).substr(0, 14), "invalid-input:");
        EXPECT_EQ(refusal_with([&](auto& it) { it.*field = "a b"; }).substr(0, 14), "invalid-input:");
    }
    EXPECT_EQ(refusal_with([](auto& it) { it.workflow = "release.yml@main"; }).substr(0, 14),
              "invalid-input:");
    EXPECT_EQ(refusal_with([](auto& it) { it.lifetime_seconds = 901; }),
              "invalid-input: The field lifetime_seconds must be from 60 to 900.");
    EXPECT_EQ(refusal_with([](auto& it) { it.scopes = "[]"; }).substr(0, 14), "invalid-input:");
    EXPECT_EQ(refusal_with([](auto& it) { it.scopes = "null"; }).substr(0, 14), "invalid-input:");
    EXPECT_EQ(refusal_with([](auto& it) { it.app_id = AppId::trusted("none"); }),
              "not-found: There is no app none.");
    trust(make());
    EXPECT_EQ(refusal_with([](auto& it) { it.name = "RELEASE"; }).substr(0, 9), "conflict:");
}

// Clients that know no tenant ask the host itself.
TEST_P(TrustedPublishingTest, TheTenantIsFoundByWhoTrustsThePipeline) {
    EXPECT_EQ(find_tenant(token(), "acme"),
              "unauthenticated: The token is from an issuer that nobody here trusts.");
    write([&](Tx& tx) { return insert_publisher(tx, other_, make()); });
    EXPECT_EQ(find_tenant(token(), "acme"), "other");
    EXPECT_EQ(find_tenant(token(), "other"), "other");
    EXPECT_EQ(find_tenant(token({{"workflow_ref", "acme/widgets/other.yml@refs/heads/main"}}), "acme"),
              "acme")
        << "whom nobody trusts is told so by the exchange";
    EXPECT_EQ(find_tenant(token({{"repository_id", "18"}}), "acme"), "acme");
    EXPECT_TRUE(
        find_tenant(token({{"aud", "https://elsewhere.example"}}), "acme").starts_with("unauthenticated: "));
    clock().advance(std::chrono::seconds(1));
    trust(make());
    EXPECT_EQ(find_tenant(token(), "acme"), "acme") << "the first one, though others trust it, too";
    EXPECT_EQ(find_tenant(token(), "none"), "other") << "who trusted it before others did";
    run_sql("UPDATE tenants SET status = 'suspended' WHERE id = 'other'");
    EXPECT_EQ(find_tenant(token(), "none"), "acme");
    EXPECT_EQ(run_sql("SELECT count(*) FROM spent_tokens"), "0");
}

}  // namespace
}  // namespace lodestone::identity
