// Logins by a page on every database: confirmed once, taken once, and bounded.
#include "identity/nouns/web_login.hpp"

#include <gtest/gtest.h>

#include "base/tenant_limits.hpp"
#include "identity/nouns/session.hpp"
#include "support/signing_in.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using test::acme;
using test::alice;

class WebLoginTest : public test::SigningIn {
  protected:
    IssuedWebLogin begin(const std::string& address = "192.0.2.1", const TenantId& tenant = acme) {
        return write([&](Tx& tx) {
            return insert_web_login(
                tx, tenant, {.format = "npm", .repository = "packages", .address = address}, vault().mint);
        });
    }
    std::optional<WebLogin> find(const IssuedWebLogin& issued, const TenantId& tenant = acme) {
        return read([&](Tx& tx) { return find_web_login(tx, tenant, issued.public_id); });
    }
    std::optional<WebLogin> find_by_text(const std::string& text, const TenantId& tenant = acme) {
        return read([&](Tx& tx) { return find_web_login_by_text(tx, tenant, text, vault().hasher); });
    }
    bool confirm(const WebLogin& login, const UserId& user = alice) {
        return write([&](Tx& tx) { return confirm_web_login(tx, acme, login, user); });
    }
    bool take(const IssuedWebLogin& issued, const UserId& user = alice, const TenantId& tenant = acme) {
        return write([&](Tx& tx) { return take_web_login(tx, tenant, issued.public_id, user); });
    }
    std::string count() { return run_sql("SELECT count(*) FROM web_logins"); }
};
INSTANTIATE_ON_EVERY_DATABASE(WebLoginTest);

TEST_P(WebLoginTest, IsConfirmedOnceAndTakenOnce) {
    const IssuedWebLogin issued = begin();
    EXPECT_TRUE(issued.text.starts_with("lsw_"));
    const std::optional<WebLogin> login = find(issued);
    ASSERT_TRUE(login);
    EXPECT_EQ(login->repository, "packages");
    EXPECT_EQ(login->expires_at, clock().now() + limits::web_login_lifetime);
    EXPECT_FALSE(login->is_confirmed());
    EXPECT_FALSE(take(issued)) << "nobody has confirmed";
    EXPECT_TRUE(confirm(*login));
    EXPECT_FALSE(confirm(*login)) << "once";
    EXPECT_EQ(find_by_text(issued.text)->user_id, alice);
    EXPECT_FALSE(take(issued, UserId::trusted("bob-id")));
    EXPECT_TRUE(take(issued));
    EXPECT_FALSE(take(issued)) << "once";
    EXPECT_EQ(count(), "0");
    EXPECT_EQ(count_actions("web_login.confirm"), "1");
    EXPECT_NE(all_records().find("192.0.2.1"), std::string::npos) << "from where it was asked";
}

TEST_P(WebLoginTest, IsOverAfterItsTime) {
    const IssuedWebLogin issued = begin();
    const IssuedWebLogin confirmed = begin();
    const WebLogin login = find(issued).value();
    ASSERT_TRUE(confirm(find(confirmed).value()));
    clock().advance(limits::web_login_lifetime);
    EXPECT_FALSE(find(issued));
    EXPECT_FALSE(find_by_text(issued.text));
    EXPECT_FALSE(confirm(login));
    EXPECT_FALSE(take(confirmed));
    EXPECT_EQ(count(), "2");
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(write([&](Tx& tx) { return purge_web_logins(tx, clock().now()); }), 2);
    EXPECT_EQ(count(), "0");
}

TEST_P(WebLoginTest, OtherSecretsAndOtherTenantsFindNothing) {
    const IssuedWebLogin issued = begin();
    const TokenText token = parse_token(issued.text).value();
    TokenText forged = make_token(TokenKind::web_login, context().random);
    forged.public_id = token.public_id;
    EXPECT_FALSE(find_by_text(render_token(forged))) << "the page's address is worth nothing";
    TokenText key = token;
    key.kind = TokenKind::session;
    EXPECT_FALSE(find_by_text(render_token(key)));
    EXPECT_FALSE(find_by_text(issued.public_id));
    EXPECT_FALSE(find(issued, test::other_tenant));
    EXPECT_FALSE(find_by_text(issued.text, test::other_tenant));
    ASSERT_TRUE(confirm(find(issued).value()));
    EXPECT_FALSE(take(issued, alice, test::other_tenant));
    EXPECT_TRUE(find_by_text(issued.text));
}

TEST_P(WebLoginTest, AClientHasSoManyOpen) {
    for (std::int64_t i = 0; i < limits::open_web_logins_of_client; ++i) begin("2001:db8::1");
    const auto refusal = [&](const std::string& address) {
        return refusal_of([&](Tx& tx) {
            insert_web_login(tx, test::other_tenant,
                             {.format = "npm", .repository = "packages", .address = address}, vault().mint);
        });
    };
    EXPECT_TRUE(refusal("2001:db8::2").starts_with("too-many-requests: ")) << "of one network, of any tenant";
    EXPECT_EQ(refusal("192.0.2.9"), "");
    clock().advance(limits::web_login_lifetime);
    EXPECT_EQ(refusal("2001:db8::2"), "") << "what is over does not count";
}

// A stranger learns from it nothing of who has an account here.
TEST_P(WebLoginTest, ATenantThatIsNotThereHasThemLikeOthers) {
    const TenantId none = TenantId::trusted("none");
    const IssuedWebLogin issued = begin("192.0.2.1", none);
    EXPECT_TRUE(find(issued, none));
    EXPECT_FALSE(find(issued));
}

TEST_P(WebLoginTest, AFoundSecretEndsIt) {
    const IssuedWebLogin issued = begin();
    EXPECT_TRUE(read([&](Tx& tx) { return is_web_login_text(tx, issued.text, vault().hasher); }));
    EXPECT_TRUE(write([&](Tx& tx) { return drop_leaked_web_login(tx, issued.text, vault().hasher); }));
    EXPECT_FALSE(write([&](Tx& tx) { return drop_leaked_web_login(tx, issued.text, vault().hasher); }));
    EXPECT_EQ(count(), "0");
}

// Who ends everything ends what has not become a key yet, too.
TEST_P(WebLoginTest, GoesWithTheSessionsOfWhoConfirmedIt) {
    const IssuedWebLogin issued = begin();
    begin();
    ASSERT_TRUE(confirm(find(issued).value()));
    const UserId user = *find(issued)->user_id;
    write([&](Tx& tx) { revoke_sessions_of_user(tx, acme, user, "password changed", std::nullopt); });
    EXPECT_FALSE(find_by_text(issued.text));
    EXPECT_EQ(count(), "1") << "the one that nobody has confirmed";
}

TEST_P(WebLoginTest, WhatIsOverGoesWhenOthersBegin) {
    begin();
    clock().advance(limits::web_login_lifetime + std::chrono::seconds(1));
    begin();
    EXPECT_EQ(count(), "1");
}

TEST_P(WebLoginTest, NoRecordHoldsASecret) {
    const IssuedWebLogin issued = begin();
    ASSERT_TRUE(confirm(find(issued).value()));
    const std::string secret = parse_token(issued.text)->secret;
    EXPECT_EQ(all_records().find(secret), std::string::npos);
    EXPECT_EQ(run_sql("SELECT secret_hash FROM web_logins").find(secret), std::string::npos);
}

}  // namespace
}  // namespace lodestone::identity
