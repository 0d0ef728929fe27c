// What is good once: tokens that were exchanged, and sign-ins under way.
#include <gtest/gtest.h>

#include <atomic>

#include "base/limits.hpp"
#include "identity/federation/pending_sign_in.hpp"
#include "identity/federation/spent_tokens.hpp"
#include "identity/nouns/identity_provider.hpp"
#include "identity/nouns/tenant.hpp"
#include "support/databases.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using namespace std::chrono_literals;

class OnceTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped()) return;
        write([&](Tx& tx) {
            Tenant tenant;
            tenant.id = acme_;
            tenant.name = "Acme";
            insert_tenant(tx, tenant);
            for (const auto& id : {idp_, other_idp_}) {
                IdentityProvider provider;
                provider.id = id;
                provider.name = id.text();
                provider.issuer = "https://idp.example";
                provider.client_id = "lodestone";
                insert_provider(tx, acme_, provider);
            }
        });
    }
    void begin(const std::string& state) {
        write([&](Tx& tx) {
            insert_pending_sign_in(tx, acme_,
                                   {.state_hash = state,
                                    .provider_id = idp_,
                                    .browser_hash = "browser",
                                    .nonce = "nonce",
                                    .code_verifier = "verifier"},
                                   limits::provider_sign_in_lifetime);
        });
    }
    std::optional<PendingSignIn> take(const std::string& state, const ProviderId& provider) {
        return write([&](Tx& tx) { return take_pending_sign_in(tx, acme_, provider, state); });
    }
    bool spend(std::string_view issuer, std::string_view id) {
        return write([&](Tx& tx) { return spend_token(tx, issuer, id, tx.now() + 5min); });
    }

    const TenantId acme_ = TenantId::trusted("acme");
    const ProviderId idp_ = ProviderId::trusted("idp");
    const ProviderId other_idp_ = ProviderId::trusted("other-idp");
};
INSTANTIATE_ON_EVERY_DATABASE(OnceTest);

TEST_P(OnceTest, ATokenIsSpentOnce) {
    EXPECT_TRUE(spend("https://a.example", "1"));
    EXPECT_FALSE(spend("https://a.example", "1"));
    EXPECT_TRUE(spend("https://a.example", "2"));
    EXPECT_TRUE(spend("https://b.example", "1"));  // ids are an issuer's own
}

TEST_P(OnceTest, OfManyWhoSpendOneTokenOneIsFirst) {
    std::atomic<int> first{0};
    test::run_at_once(8, [&](int) { first += spend("https://a.example", "1") ? 1 : 0; });
    EXPECT_EQ(first, 1);
}

TEST_P(OnceTest, SpentTokensAreForgottenWhenTheyHaveExpired) {
    spend("https://a.example", "1");
    clock().advance(1min);
    spend("https://a.example", "2");
    const auto purge = [&] { return write([](Tx& tx) { return purge_spent_tokens(tx, tx.now()); }); };
    clock().advance(4min);
    EXPECT_EQ(purge(), 0);
    clock().advance(1us);
    EXPECT_EQ(purge(), 1);
    EXPECT_EQ(purge(), 0);
    EXPECT_FALSE(spend("https://a.example", "2"));
}

TEST_P(OnceTest, ASignInComesBackOnce) {
    begin("state");
    const auto back = take("state", idp_);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->nonce, "nonce");
    EXPECT_EQ(back->code_verifier, "verifier");
    EXPECT_FALSE(take("state", idp_));
    EXPECT_FALSE(take("never begun", idp_));
}

TEST_P(OnceTest, ASignInComesBackFromItsProvider) {
    begin("state");
    EXPECT_FALSE(take("state", other_idp_));
    EXPECT_FALSE(take("state", idp_));  // and not again
}

TEST_P(OnceTest, ASignInGoesOnFromItsProvidersAddressAlone) {
    write([&](Tx& tx) {
        insert_pending_sign_in(tx, acme_,
                               {.state_hash = "state",
                                .provider_id = idp_,
                                .browser_hash = "browser",
                                .nonce = "nonce",
                                .code_verifier = "verifier",
                                .goes_on_at = "/there"},
                               limits::provider_sign_in_lifetime);
    });
    const auto find = [&](const TenantId& tenant, const ProviderId& provider) {
        return read([&](Tx& tx) { return find_way_on(tx, tenant, provider, "state"); });
    };
    EXPECT_EQ(find(acme_, idp_), "/there");
    EXPECT_EQ(find(acme_, other_idp_), "");
    EXPECT_EQ(find(TenantId::trusted("other"), idp_), "");
    EXPECT_EQ(take("state", idp_)->goes_on_at, "/there");
}

TEST_P(OnceTest, ASignInComesBackInTime) {
    begin("state");
    clock().advance(limits::provider_sign_in_lifetime);
    EXPECT_FALSE(take("state", idp_));
    begin("left");
    clock().advance(limits::provider_sign_in_lifetime + 1us);
    EXPECT_EQ(write([](Tx& tx) { return purge_pending_sign_ins(tx, tx.now()); }), 1);
}

TEST_P(OnceTest, DeletingAProviderEndsItsSignIns) {
    begin("state");
    write([&](Tx& tx) { delete_provider(tx, acme_, find_provider(tx, acme_, idp_).value()); });
    EXPECT_FALSE(take("state", idp_));
}

}  // namespace
}  // namespace lodestone::identity
