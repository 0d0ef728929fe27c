// Invitations on every database: made, found by their text, spent once, revoked, purged.
#include "identity/nouns/invitation.hpp"

#include <gmock/gmock.h>

#include "support/signing_in.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using std::chrono::days;
using std::chrono::hours;
using test::acme;
using test::alice;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class InvitationTest : public test::SigningIn {
  protected:
    IssuedInvitation invite(const NewInvitation& wanted = {.role = RoleId::trusted("developer")}) {
        return write([&](Tx& tx) { return create_invitation(tx, acme, wanted, vault().mint); });
    }
    std::string refusal_of_invite(const NewInvitation& wanted) {
        return refusal_of([&](Tx& tx) { create_invitation(tx, acme, wanted, vault().mint); });
    }
    std::optional<FoundInvitation> find(const std::string& text) {
        return read([&](Tx& tx) { return find_invitation_by_text(tx, text, vault().hasher); });
    }
    bool spend(const IssuedInvitation& issued, const TenantId& tenant = acme) {
        return write([&](Tx& tx) { return spend_invitation(tx, tenant, issued.invitation.id, alice); });
    }
};
INSTANTIATE_ON_EVERY_DATABASE(InvitationTest);

const RoleId developer = RoleId::trusted("developer");

TEST_P(InvitationTest, IsFoundByItsText) {
    const IssuedInvitation issued = invite({.email = "bob@acme.example", .role = developer});
    const auto found = find(issued.text);
    ASSERT_TRUE(found);
    EXPECT_EQ(static_cast<const Invitation&>(*found), issued.invitation);
    EXPECT_EQ(found->tenant_id, acme);
    EXPECT_EQ(found->expires_at, clock().now() + days(7));
    EXPECT_TRUE(found->is_open(clock().now()));
    TokenText guess = parse_token(issued.text).value();
    guess.secret = std::string(32, 'x');
    EXPECT_FALSE(find(render_token(guess)));
    EXPECT_FALSE(find("rubbish"));
    EXPECT_FALSE(read([&](Tx& tx) { return find_invitation(tx, test::other_tenant, issued.invitation.id); }));
}

TEST_P(InvitationTest, IsSpentOnce) {
    const IssuedInvitation issued = invite();
    EXPECT_FALSE(spend(issued, test::other_tenant));
    EXPECT_TRUE(spend(issued));
    EXPECT_FALSE(spend(issued));
    EXPECT_EQ(find(issued.text)->accepted_by, alice);
    EXPECT_FALSE(find(issued.text)->is_open(clock().now()));
    EXPECT_THAT(refusal_of([&](Tx& tx) { revoke_invitation(tx, acme, issued.invitation.id); }),
                HasSubstr("was accepted already"));
}

TEST_P(InvitationTest, IsRevokedOrExpires) {
    const IssuedInvitation revoked = invite();
    write([&](Tx& tx) { revoke_invitation(tx, acme, revoked.invitation.id); });
    write([&](Tx& tx) { revoke_invitation(tx, acme, revoked.invitation.id); });
    EXPECT_FALSE(spend(revoked));
    const IssuedInvitation expired = invite({.role = developer, .expires_at = clock().now() + hours(1)});
    clock().advance(hours(1));
    EXPECT_FALSE(spend(expired));
    EXPECT_EQ(count_actions("invitation.revoke"), "1");
}

TEST_P(InvitationTest, EveryFieldIsChecked) {
    EXPECT_THAT(refusal_of_invite({}), StartsWith("invalid-input: The field role"));
    EXPECT_THAT(refusal_of_invite({.email = "nobody", .role = developer}),
                StartsWith("invalid-input: The field email"));
    EXPECT_THAT(refusal_of_invite({.role = developer, .expires_at = clock().now()}),
                StartsWith("invalid-input: The field expires_at"));
    EXPECT_THAT(refusal_of_invite({.role = developer, .expires_at = clock().now() + days(8)}),
                StartsWith("invalid-input: The field expires_at"));
    EXPECT_EQ(refusal_of_invite({.app_id = AppId::trusted("gone"), .role = developer}),
              "not-found: There is no app gone.");
    set_settings(R"({"registration":"closed"})");
    EXPECT_THAT(refusal_of_invite({.role = developer}),
                StartsWith("conflict: The tenant's registration is closed"));
}

TEST_P(InvitationTest, IsListedAndPurged) {
    const IssuedInvitation first = invite();
    clock().advance(hours(1));
    const IssuedInvitation second = invite();
    const auto list = [&](const TenantId& tenant) {
        return read([&](Tx& tx) { return list_invitations(tx, tenant, {}); }).items;
    };
    EXPECT_EQ(list(acme).front(), second.invitation);
    EXPECT_EQ(list(acme).size(), 2u);
    EXPECT_TRUE(list(test::other_tenant).empty());
    const Time deadline = first.invitation.expires_at;
    EXPECT_EQ(write([&](Tx& tx) { return purge_invitations(tx, deadline); }), 0);
    EXPECT_EQ(write([&](Tx& tx) { return purge_invitations(tx, deadline + hours(1)); }), 1);
    EXPECT_EQ(list(acme).size(), 1u);
}

TEST_P(InvitationTest, NoRecordHoldsASecret) {
    const IssuedInvitation issued = invite();
    spend(issued);
    const std::string records = all_records();
    EXPECT_THAT(records, HasSubstr("invitation.create"));
    EXPECT_THAT(records, HasSubstr("invitation.accept"));
    EXPECT_THAT(records, Not(HasSubstr(parse_token(issued.text)->secret)));
    EXPECT_THAT(records, Not(HasSubstr(issued.invitation.secret_hash.value)));
}

}  // namespace
}  // namespace lodestone::identity
