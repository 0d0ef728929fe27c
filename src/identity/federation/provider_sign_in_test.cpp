// Signing in with a provider from the first redirect to the session: who is let in, as whom, with which
// roles, and what does not come back as it left.
#include "identity/federation/provider_sign_in.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <future>
#include <limits>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/tenant_limits.hpp"
#include "identity/federation/issuer_directory.hpp"
#include "identity/federation/provider_account.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/user_identity.hpp"
#include "identity/nouns/user_role.hpp"
#include "identity/sign_in/challenge.hpp"
#include "support/client_runner.hpp"
#include "support/databases.hpp"
#include "support/openid_provider.hpp"

namespace lodestone::identity {
namespace {

namespace json = boost::json;
using db::Tx;
using namespace std::chrono_literals;

class ProviderSignInTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped()) return;
        client_ = std::make_unique<http::Client>(test::loopback_options(), metrics_, log_);
        directory_ = std::make_unique<IssuerDirectory>(*client_, context());
        sign_in_ =
            std::make_unique<ProviderSignIn>(ProviderParts{.database = database(),
                                                           .client = *client_,
                                                           .issuers = *directory_,
                                                           .sealer = sealer_,
                                                           .mint = mint_,
                                                           .context = context(),
                                                           .public_url = "https://registry.example/base/"});
        loops_.start();
        write([&](Tx& tx) {
            Tenant tenant;
            tenant.id = acme_;
            tenant.name = "Acme";
            tenant.domain = "acme.example";
            insert_tenant(tx, tenant);
        });
        configure([](IdentityProvider&) {});
    }
    void TearDown() override {
        loops_.stop();
        sign_in_.reset();
        directory_.reset();
        client_.reset();
        OnEveryDatabase::TearDown();
    }

    // The provider as it is from now on.
    template <class Change>
    void configure(Change change) {
        write([&](Tx& tx) {
            auto stored = find_provider(tx, acme_, id_);
            IdentityProvider provider = stored.value_or(IdentityProvider{});
            if (!stored) {
                provider.id = id_;
                provider.name = "Corporate";
                provider.issuer = idp_.issuer();
                provider.client_id = "lode";
                provider.registration = ProviderRegistration::everybody;
            }
            change(provider);
            stored ? update_provider(tx, acme_, provider) : insert_provider(tx, acme_, provider);
        });
    }
    template <class Result>
    Result run(Task<Result> task) {
        std::promise<Result> promise;
        boost::asio::co_spawn(loops_.at(0).context(), std::move(task),
                              [&promise](std::exception_ptr error, Result result) {
                                  error ? promise.set_exception(error) : promise.set_value(std::move(result));
                              });
        return promise.get_future().get();
    }
    // The browser's way: what it was sent with, and what it came with.
    struct Journey {
        Departure departure;
        std::map<std::string, std::string> question;
        Return back;
    };
    Journey leave(const std::string& goes_on_at = {}) {
        Journey journey{
            .departure = run(sign_in_->begin({}, acme_, id_, goes_on_at)), .question = {}, .back = {}};
        const std::string& url = journey.departure.url;
        journey.question = test::read_form(url.substr(url.find('?') + 1));
        journey.back = {.state = journey.question.at("state"),
                        .code = {},
                        .error = {},
                        .issuer = idp_.issuer(),
                        .browser_mark = journey.departure.browser_mark,
                        .goes_on_at = goes_on_at,
                        .visitor = {.address = "192.0.2.7", .agent = "browser"}};
        return journey;
    }
    SignInOutcome finish(const Return& back) { return run(sign_in_->finish({}, acme_, id_, back)); }
    SignedIn come_back(const Return& back) { return finish(back).signed_in.value(); }
    std::string refusal(const Return& back) {
        try {
            (void)come_back(back);
        } catch (const Problem& problem) {
            return std::string(problem.kind().code) + ": " + problem.detail();
        }
        return {};
    }
    std::string find_way_on(const Return& back) {
        return run(sign_in_->find_way_on({}, acme_, id_, back.state));
    }
    Return agree(const json::object& claims, const std::string& goes_on_at = {}) {
        Journey journey = leave(goes_on_at);
        journey.back.code = idp_.agree(journey.question, claims);
        return journey.back;
    }
    SignedIn sign_in(const json::object& claims) { return come_back(agree(claims)); }
    std::string refusal_of(const json::object& claims) { return refusal(agree(claims)); }
    User user_of(const SignedIn& signed_in) {
        return read([&](Tx& tx) { return find_user(tx, acme_, signed_in.session.user_id).value(); });
    }
    std::vector<std::string> roles_of(const UserId& user) {
        std::vector<std::string> names;
        for (const UserRole& role : read([&](Tx& tx) { return list_user_roles(tx, acme_, user); }))
            names.push_back(role.role.text());
        return names;
    }
    User make_user(const char* username, const char* email) {
        return write([&](Tx& tx) {
            User user;
            user.id = new_id<UserId>();
            user.username = username;
            user.email = email;
            return insert_user(tx, acme_, user);
        });
    }

    const TenantId acme_ = TenantId::trusted("acme");
    const ProviderId id_ = ProviderId::trusted("corporate");
    const json::object bob_{{"sub", "b-1"},
                            {"preferred_username", "bob"},
                            {"name", "Bob Builder"},
                            {"email", "bob@acme.example"},
                            {"email_verified", true}};
    test::OpenIdProvider idp_{clock()};
    SystemRandom random_;
    Sealer sealer_{{"a sealing key of this test's own"}};

  private:
    Metrics metrics_;
    SystemClock system_clock_;
    Log log_{LogOptions{.level = LogLevel::off, .file = {}}, system_clock_};
    KeyedHash hasher_{"a pepper of this test's own"};
    TokenMint mint_{hasher_, clock(), random_};
    http::Loops loops_{1, metrics_};
    std::unique_ptr<http::Client> client_;
    std::unique_ptr<IssuerDirectory> directory_;
    std::unique_ptr<ProviderSignIn> sign_in_;
};
INSTANTIATE_ON_EVERY_DATABASE(ProviderSignInTest);

TEST_P(ProviderSignInTest, AsksTheProviderInFull) {
    const Journey journey = leave();
    EXPECT_TRUE(journey.departure.url.starts_with(idp_.issuer() + "/authorize?"));
    EXPECT_EQ(journey.question.at("response_type"), "code");
    EXPECT_EQ(journey.question.at("scope"), "openid profile email");
    EXPECT_EQ(journey.question.at("redirect_uri"),
              "https://registry.example/base/api/v1/tenants/acme/sign-in/corporate/callback");
    EXPECT_EQ(journey.question.at("code_challenge_method"), "S256");
    // What comes back is not in the table, only its hash.
    EXPECT_EQ(
        run_sql("SELECT count(*) FROM provider_sign_ins WHERE state_hash = '" + journey.question.at("state") +
                "' OR browser_hash = '" + journey.departure.browser_mark + "'"),
        "0");
    EXPECT_EQ(run_sql("SELECT count(*) FROM provider_sign_ins"), "1");
}

TEST_P(ProviderSignInTest, MakesAUserTheFirstTimeAndFindsItLater) {
    const SignedIn first = sign_in(bob_);
    EXPECT_EQ(first.session.method, SignInMethod::provider);
    EXPECT_EQ(first.session.address, "192.0.2.7");
    EXPECT_FALSE(first.session.has_second_factor);
    EXPECT_TRUE(first.access_text.starts_with("lss_"));
    const User bob = user_of(first);
    EXPECT_EQ(bob.username, "bob");
    EXPECT_EQ(bob.full_name, "Bob Builder");
    EXPECT_EQ(bob.email, "bob@acme.example");
    EXPECT_TRUE(bob.email_verified_at);
    // The subject is who somebody is; everything else may change.
    const SignedIn second =
        sign_in({{"sub", "b-1"}, {"preferred_username", "robert"}, {"amr", json::array{"pwd", "mfa"}}});
    EXPECT_EQ(second.session.user_id, bob.id);
    EXPECT_TRUE(second.session.has_second_factor);
    // Another person with the same name is another user.
    const User other = user_of(sign_in({{"sub", "b-2"}, {"preferred_username", "bob"}}));
    EXPECT_NE(other.id, bob.id);
    EXPECT_EQ(other.username, "bob-2");
    EXPECT_EQ(other.email, std::nullopt);
}

TEST_P(ProviderSignInTest, LetsOnlyLinkedAccountsInWhereThatIsAsked) {
    configure([](IdentityProvider& it) { it.registration = ProviderRegistration::linked_only; });
    EXPECT_EQ(refusal_of(bob_).substr(0, 10), "forbidden:");
    EXPECT_EQ(run_sql("SELECT count(*) FROM users"), "0");
    const User bob = make_user("builder", "bob@acme.example");
    EXPECT_EQ(refusal_of(bob_).substr(0, 10), "forbidden:");  // an address alone is no link
    write([&](Tx& tx) {
        UserIdentity identity;
        identity.id = new_id<UserIdentityId>();
        identity.user_id = bob.id;
        identity.provider = "oidc:corporate";
        identity.provider_id = "b-1";
        insert_user_identity(tx, acme_, identity);
    });
    EXPECT_EQ(sign_in(bob_).session.user_id, bob.id);
}

TEST_P(ProviderSignInTest, LinksByAVerifiedAddressOfTheTenantsDomainOnly) {
    configure([](IdentityProvider& it) { it.links_by_email = true; });
    const User bob = make_user("builder", "bob@acme.example");
    const User eve = make_user("eve", "eve@elsewhere.example");
    json::object unverified = bob_;
    unverified["email_verified"] = false;
    unverified["sub"] = "b-9";
    EXPECT_NE(sign_in(unverified).session.user_id, bob.id);
    json::object foreign{{"sub", "e-1"}, {"email", "eve@elsewhere.example"}, {"email_verified", true}};
    EXPECT_EQ(refusal_of(foreign).substr(0, 9), "conflict:");
    EXPECT_EQ(sign_in(bob_).session.user_id, bob.id);
    EXPECT_EQ(sign_in({{"sub", "b-1"}}).session.user_id, bob.id);  // linked from now on
    configure([](IdentityProvider& it) { it.links_by_email = false; });
    make_user("carol", "carol@acme.example");
    EXPECT_EQ(
        refusal_of({{"sub", "c-1"}, {"email", "carol@acme.example"}, {"email_verified", true}}).substr(0, 9),
        "conflict:");
}

// The tenant's owner chooses its providers, and so could be whomever these name.
TEST_P(ProviderSignInTest, LetsInPlatformAdministratorsByTheirOwnLinksAlone) {
    configure([](IdentityProvider& it) { it.links_by_email = true; });
    const User ops = make_user("ops", "bob@acme.example");
    const auto link = [&](const char* subject, const std::string& actor) {
        write(
            [&](Tx& tx) {
                UserIdentity identity;
                identity.id = new_id<UserIdentityId>();
                identity.user_id = ops.id;
                identity.provider = "oidc:corporate";
                identity.provider_id = subject;
                insert_user_identity(tx, acme_, identity);
            },
            {.actor = actor, .request_id = {}});
    };
    link("made-by-an-owner", "owner");
    write([&](Tx& tx) { grant_platform_admin(tx, acme_, ops.id); });
    EXPECT_EQ(refusal_of(bob_).substr(0, 10), "forbidden:") << "by the address";
    EXPECT_EQ(refusal_of({{"sub", "made-by-an-owner"}}).substr(0, 10), "forbidden:");
    link("made-by-ops", ops.id.text());
    EXPECT_EQ(sign_in({{"sub", "made-by-ops"}}).session.user_id, ops.id);
}

// People stay linked to what the provider of an id called them.
TEST_P(ProviderSignInTest, AnIdIsNeverGivenAgain) {
    write([&](Tx& tx) { delete_provider(tx, acme_, find_provider(tx, acme_, id_).value()); });
    EXPECT_EQ(OnEveryDatabase::refusal_of([&](Tx& tx) {
                  IdentityProvider provider;
                  provider.id = id_;
                  provider.name = "Another";
                  provider.issuer = idp_.issuer();
                  provider.client_id = "lode";
                  insert_provider(tx, acme_, provider);
              }).substr(0, 9),
              "conflict:");
}

TEST_P(ProviderSignInTest, GroupsReplaceTheRolesThatTheyStandFor) {
    configure([](IdentityProvider& it) {
        it.group_claim = "groups";
        it.group_roles = R"({"leads":["admin","developer"],"staff":["developer"]})";
    });
    const auto with_groups = [&](json::array groups) {
        json::object claims = bob_;
        claims["groups"] = std::move(groups);
        return sign_in(claims).session.user_id;
    };
    const UserId bob = with_groups({"leads", "others"});
    EXPECT_EQ(roles_of(bob), (std::vector<std::string>{"admin", "developer"}));
    write([&](Tx& tx) { grant_role(tx, acme_, bob, RoleId::trusted("auditor")); });  // by an administrator
    with_groups({"staff"});
    EXPECT_EQ(roles_of(bob), (std::vector<std::string>{"auditor", "developer"}));
    // A mapping that is gone takes with it what it gave.
    configure([](IdentityProvider& it) { it.group_roles = R"({"leads":["admin"]})"; });
    with_groups({"staff"});
    EXPECT_EQ(roles_of(bob), std::vector<std::string>{"auditor"});
    with_groups({"leads"});
    sign_in(bob_);  // without the claim there are no groups
    EXPECT_EQ(roles_of(bob), std::vector<std::string>{"auditor"});
}

TEST_P(ProviderSignInTest, SuspensionCounts) {
    const UserId bob = sign_in(bob_).session.user_id;
    write([&](Tx& tx) { return suspend_user(tx, acme_, bob); });
    EXPECT_EQ(refusal_of(bob_).substr(0, 10), "forbidden:");
    write([&](Tx& tx) { return activate_user(tx, acme_, bob); });
    const Return under_way = agree(bob_);
    configure([](IdentityProvider& it) { it.status = ProviderStatus::disabled; });
    EXPECT_EQ(refusal(under_way).substr(0, 10), "not-found:");
    EXPECT_THROW((void)leave(), Problem);
}

// What a person has set up here is asked for, unless the provider has asked for one of its own.
TEST_P(ProviderSignInTest, AsksForTheSecondFactorThatAUserHasHere) {
    const UserId bob = sign_in(bob_).session.user_id;
    write([&](Tx& tx) {
        begin_second_factor(tx, acme_, bob, "sealed");
        confirm_second_factor(tx, acme_, bob, 1);
    });
    const SignInOutcome half = finish(agree(bob_));
    EXPECT_FALSE(half.signed_in);
    const auto challenge = open_challenge(half.challenge, sealer_, clock().now());
    ASSERT_TRUE(challenge);
    EXPECT_EQ(challenge->user, bob);
    EXPECT_EQ(challenge->method, SignInMethod::provider);
    json::object proven = bob_;
    proven["amr"] = json::array{"pwd", "mfa"};
    EXPECT_TRUE(sign_in(proven).session.has_second_factor);
}

TEST_P(ProviderSignInTest, TellsWhoseSecondFactorIsMissing) {
    write([&](Tx& tx) {
        Tenant acme = find_tenant(tx, acme_).value();
        acme.settings = R"({"require_mfa":true})";
        update_tenant(tx, acme);
    });
    EXPECT_TRUE(sign_in(bob_).duties.must_add_second_factor);
    json::object proven = bob_;
    proven["amr"] = json::array{"pwd", "mfa"};
    EXPECT_FALSE(sign_in(proven).duties.must_add_second_factor) << "the provider has asked for one";
}

TEST_P(ProviderSignInTest, AReturnIsGoodOnceInItsBrowserAndInTime) {
    const Return back = agree(bob_);
    Return elsewhere = agree(bob_);
    elsewhere.browser_mark = back.browser_mark;
    EXPECT_EQ(refusal(elsewhere),
              "forbidden: This sign-in cannot be finished: it was begun in another browser, or cookies are "
              "off. Begin "
              "again.");
    come_back(back);
    EXPECT_EQ(refusal(back).substr(0, 10), "forbidden:");
    const Return late = agree(bob_);
    clock().advance(limits::provider_sign_in_lifetime);
    EXPECT_EQ(refusal(late).substr(0, 10), "forbidden:");
    write([&](Tx& tx) {
        Tenant acme = find_tenant(tx, acme_).value();
        acme.config = R"({"default_credentials":{"oauth2":{"state_seconds":60}}})";
        update_tenant(tx, acme);
    });
    EXPECT_EQ(leave().departure.lifetime, 60s);
    const Return in_time = agree(bob_);
    const Return too_late = agree(bob_);
    clock().advance(59s);
    come_back(in_time);
    clock().advance(1s);
    EXPECT_EQ(refusal(too_late).substr(0, 10), "forbidden:");
    Return made_up = agree(bob_);
    made_up.state = "made up";
    EXPECT_EQ(refusal(made_up).substr(0, 10), "forbidden:");
}

// Where somebody goes on is known here alone; whatever an address says, one thing does not become another.
TEST_P(ProviderSignInTest, IsFinishedWhereItWasBegunForAndNowhereElse) {
    const Return here = agree(bob_);
    const Return there = agree(bob_, "/there");
    EXPECT_EQ(find_way_on(here), "");
    EXPECT_EQ(find_way_on(there), "/there");
    EXPECT_EQ(find_way_on(there), "/there") << "it is asked as often as somebody likes";
    Return made_up = there;
    made_up.state = "made up";
    EXPECT_EQ(find_way_on(made_up), "");
    for (auto [back, place] : {std::pair(here, "/there"), std::pair(agree(bob_, "/there"), ""),
                               std::pair(agree(bob_, "/there"), "/elsewhere")}) {
        back.goes_on_at = place;
        EXPECT_EQ(
            refusal(back),
            "forbidden: This sign-in cannot be finished: it was begun for something else. Begin again.");
    }
    EXPECT_EQ(run_sql("SELECT count(*) FROM users"), "0");
    come_back(there);
    EXPECT_EQ(find_way_on(there), "") << "it is spent";
}

// Strangers make departures, and each is a row: there is room for so many, and what is over makes room again.
TEST_P(ProviderSignInTest, OnlySoManyAreOnTheirWay) {
    run_sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
            std::to_string(limits::pending_sign_ins) +
            ") INSERT INTO provider_sign_ins (tenant_id, state_hash, provider_id, browser_hash, nonce, "
            "code_verifier, created_at, expires_at) SELECT '" +
            acme_.text() + "', 's' || i, '" + id_.text() + "', 'x', 'x', 'x', 1, " +
            std::to_string(std::numeric_limits<std::int64_t>::max()) + " FROM n");
    EXPECT_THAT(find_problem([&] { leave(); }).value_or(""),
                ::testing::StartsWith("Too many people are on their way to a provider"));
    run_sql("UPDATE provider_sign_ins SET expires_at = 2");
    EXPECT_EQ(find_problem([&] { leave(); }), std::nullopt);
}

TEST_P(ProviderSignInTest, RefusesAnswersOfOthers) {
    Return mixed_up = agree(bob_);
    mixed_up.issuer = "https://other.example";  // RFC 9207
    EXPECT_EQ(refusal(mixed_up).substr(0, 10), "forbidden:");
    Return denied = agree(bob_);
    denied.error = "access_denied";
    EXPECT_EQ(
        refusal(denied),
        "forbidden: This sign-in cannot be finished: the provider says that access was denied. Begin again.");
    Return wrong_code = agree(bob_);
    wrong_code.code = "stolen";
    EXPECT_EQ(refusal(wrong_code).substr(0, 13), "bad-upstream:");
    // A code that was made for another sign-in: its verifier is another.
    Return injected = agree(bob_);
    injected.code = agree(bob_).code;
    EXPECT_EQ(refusal(injected).substr(0, 13), "bad-upstream:");
}

TEST_P(ProviderSignInTest, BelievesNoTokenThatIsNotForThisSignIn) {
    json::object claims = bob_;
    claims["nonce"] = "another";
    EXPECT_EQ(
        refusal_of(claims),
        "bad-upstream: The provider Corporate sent an identity token that does not belong to this sign-in.");
    claims = bob_;
    claims["aud"] = "another client";
    EXPECT_EQ(refusal_of(claims).substr(0, 13), "bad-upstream:");
    const test::SigningKey stranger(test::KeyType::p256);
    idp_.sign_with(stranger);
    EXPECT_EQ(refusal_of(bob_),
              "bad-upstream: The provider Corporate sent an identity token that has a wrong signature.");
    EXPECT_EQ(run_sql("SELECT count(*) FROM users"), "0");
}

TEST_P(ProviderSignInTest, ShowsItsSecretToTheProviderAlone) {
    configure([&](IdentityProvider& it) {
        it.client_secret =
            db::Secret<std::string>{sealer_.seal("s3cret:/ &", provider_secret_place(acme_, id_), random_)};
    });
    sign_in(bob_);
    EXPECT_EQ(idp_.last_authorization(),
              "Basic bG9kZTpzM2NyZXQlM0ElMkYlMjAlMjY=");  // lode:s3cret%3A%2F%20%26
    EXPECT_FALSE(idp_.last_form().contains("client_secret"));
    configure([&](IdentityProvider& it) {
        it.client_secret = db::Secret<std::string>{sealer_.seal("x", "elsewhere", random_)};
    });
    EXPECT_EQ(refusal_of(bob_).substr(0, 12), "unavailable:");
}

TEST(UsernameTest, IsMadeOfWhatIsOffered) {
    EXPECT_EQ(make_username("bob"), "bob");
    EXPECT_EQ(make_username("Bob Builder"), "BobBuilder");
    EXPECT_EQ(make_username(""), "user");
    EXPECT_EQ(make_username("b"), "b__");
    EXPECT_EQ(make_username("<script>"), "script");
    EXPECT_EQ(make_username(std::string(300, 'a')).size(), 48u);
}

}  // namespace
}  // namespace lodestone::identity
