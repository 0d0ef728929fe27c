// Becoming a user: with an invitation, once; or by registering where that is open.
#include "identity/sign_in/joining.hpp"

#include <gmock/gmock.h>

#include "identity/nouns/identity_provider.hpp"
#include "identity/nouns/invitation.hpp"
#include "identity/nouns/user_role.hpp"
#include "support/signing_in.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using test::acme;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class JoiningTest : public test::SigningIn {
  protected:
    void SetUp() override {
        SigningIn::SetUp();
        if (IsSkipped()) return;
        write([](Tx& tx) { grant_role(tx, acme, test::alice, RoleId::trusted("admin")); });
    }
    // By alice.
    std::string invite(const NewInvitation& wanted) {
        return write([&](Tx& tx) { return create_invitation(tx, acme, wanted, vault().mint); },
                     {.actor = test::alice.text(), .request_id = {}})
            .text;
    }
    Newcomer bob() {
        return {.username = "bob",
                .email = "bob@acme.example",
                .full_name = "Bob",
                .password = "small blue teapot",
                .visitor = visitor};
    }
    Task<SignedIn> accepting(const std::string& text, const Newcomer& newcomer) {
        return accept_invitation(vault(), database(), text, newcomer, unit());
    }
    Task<SignedIn> registering(const TenantId& tenant, const Newcomer& newcomer) {
        return register_user(vault(), database(), tenant, newcomer, unit());
    }
    std::vector<std::string> roles_of(const UserId& user) {
        std::vector<std::string> roles;
        for (const UserRole& role : read([&](Tx& tx) { return list_user_roles(tx, acme, user); }))
            roles.push_back(role.role.text());
        return roles;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(JoiningTest);

const RoleId developer = RoleId::trusted("developer");
const std::string dead_invitation =
    "not-found: This invitation does not work, or no longer: ask for another one.";

TEST_P(JoiningTest, AnInvitationMakesAUserOnce) {
    const std::string text = invite({.email = "robert@acme.example", .role = developer});
    EXPECT_THAT(
        refusal_of_task(accepting(text, {.username = "bob", .password = "short", .visitor = visitor})),
        StartsWith("invalid-input: The field password"));
    Newcomer taken = bob();
    taken.username = "ALICE";
    EXPECT_THAT(refusal_of_task(accepting(text, taken)), StartsWith("conflict: "));
    const SignedIn joined = await(accepting(text, bob()));
    EXPECT_EQ(joined.session.method, SignInMethod::invitation);
    EXPECT_EQ(roles_of(joined.session.user_id), std::vector<std::string>{"developer"});
    EXPECT_EQ(run_sql("SELECT email FROM users WHERE username = 'bob'"), "robert@acme.example");
    EXPECT_EQ(run_sql("SELECT email_verified_at FROM users WHERE username = 'bob'"),
              run_sql("SELECT created_at FROM users WHERE username = 'bob'"))
        << "whoever invited says whose address it is";
    EXPECT_TRUE(try_sign_in(request("bob", "small blue teapot")).signed_in);
    Newcomer second = bob();
    second.username = "eve";
    EXPECT_EQ(refusal_of_task(accepting(text, second)), dead_invitation);
    EXPECT_EQ(run_sql("SELECT count(*) FROM users WHERE username = 'eve'"), "0");
}

TEST_P(JoiningTest, AnAddressOfOnesOwnChoiceIsNotChecked) {
    await(accepting(invite({.role = developer}), bob()));
    EXPECT_EQ(run_sql("SELECT count(*) FROM users WHERE username = 'bob' AND email_verified_at IS NULL"),
              "1");
}

TEST_P(JoiningTest, NothingElseMakesOne) {
    EXPECT_EQ(refusal_of_task(accepting("rubbish", bob())), dead_invitation);
    const std::string text = invite({.role = developer});
    set_settings(R"({"registration":"closed"})");
    EXPECT_EQ(refusal_of_task(accepting(text, bob())), dead_invitation);
    set_settings("{}");
    run_sql("UPDATE tenants SET status = 'suspended'");
    EXPECT_EQ(refusal_of_task(accepting(text, bob())), dead_invitation);
}

// Whoever was suspended, deleted or lost the right lets nobody in any more.
TEST_P(JoiningTest, AnInvitationIsAsGoodAsWhoeverInvited) {
    const std::string text = invite({.role = developer});
    const auto refused_while = [&](const std::string& change, const std::string& back) {
        run_sql(change);
        EXPECT_EQ(refusal_of_task(accepting(text, bob())), dead_invitation) << change;
        run_sql(back);
    };
    refused_while("UPDATE users SET status = 'suspended' WHERE id = 'alice-id'",
                  "UPDATE users SET status = 'active' WHERE id = 'alice-id'");
    refused_while("UPDATE users SET deleted_at = 1, deleted_by = 'x' WHERE id = 'alice-id'",
                  "UPDATE users SET deleted_at = NULL, deleted_by = NULL WHERE id = 'alice-id'");
    refused_while("UPDATE user_roles SET role = 'viewer' WHERE user_id = 'alice-id'",
                  "UPDATE user_roles SET role = 'admin' WHERE user_id = 'alice-id'");
    EXPECT_EQ(run_sql("SELECT count(*) FROM users WHERE username = 'bob'"), "0");
    EXPECT_EQ(refusal_of_task(accepting(text, bob())), "");
}

TEST_P(JoiningTest, RegistersWhereThatIsOpen) {
    const std::string closed =
        "forbidden: Registration is not open here; ask an administrator for an invitation.";
    EXPECT_EQ(refusal_of_task(registering(acme, bob())), closed);
    EXPECT_EQ(refusal_of_task(registering(TenantId::trusted("nowhere"), bob())), closed);
    set_settings(R"({"registration":"open"})");
    const SignedIn joined = await(registering(acme, bob()));
    EXPECT_EQ(joined.session.method, SignInMethod::registration);
    EXPECT_TRUE(roles_of(joined.session.user_id).empty()) << "may do nothing yet";
    EXPECT_THAT(refusal_of_task(registering(acme, bob())), StartsWith("conflict: "));
    EXPECT_THAT(all_records(), Not(HasSubstr("small blue teapot")));
}

TEST_P(JoiningTest, NobodyTakesAnAddressThatIsAWayIn) {
    set_settings(R"({"registration":"open"})");
    write([](Tx& tx) {
        IdentityProvider provider;
        provider.id = ProviderId::trusted("idp");
        provider.name = "idp";
        provider.issuer = "https://idp.example";
        provider.client_id = "lodestone";
        provider.links_by_email = true;
        insert_provider(tx, acme, provider);
    });
    const std::string refused = "conflict: Your organisation finds people by their e-mail address";
    EXPECT_THAT(refusal_of_task(registering(acme, bob())), StartsWith(refused));
    EXPECT_THAT(refusal_of_task(accepting(invite({.role = developer}), bob())), StartsWith(refused));
    EXPECT_EQ(run_sql("SELECT count(*) FROM users WHERE username = 'bob'"), "0");
    Newcomer nameless = bob();
    nameless.email.reset();
    EXPECT_EQ(refusal_of_task(registering(acme, nameless)), "");
    Newcomer robert = bob();
    robert.username = "robert";
    EXPECT_EQ(refusal_of_task(accepting(invite({.email = "robert@acme.example", .role = developer}), robert)),
              "")
        << "whoever invited chose it";
}

TEST_P(JoiningTest, OneAddressRegistersOnlySoMany) {
    set_settings(R"({"registration":"open"})");
    int registered = 0;
    for (int i = 0; i < 20; ++i) {
        Newcomer newcomer = bob();
        newcomer.username = "bob" + std::to_string(i);
        newcomer.email.reset();
        if (refusal_of_task(registering(acme, newcomer)).empty()) ++registered;
    }
    EXPECT_EQ(registered, 5);
}

}  // namespace
}  // namespace lodestone::identity
