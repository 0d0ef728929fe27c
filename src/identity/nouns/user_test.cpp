// Users on every database: what they have of their own beside what every noun has.
#include "identity/nouns/user.hpp"

#include <gtest/gtest.h>

#include "identity/nouns/tenant_owner.hpp"
#include "support/tenants.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using Names = std::vector<std::string>;

class UserTest : public test::WithTenants {};
INSTANTIATE_ON_EVERY_DATABASE(UserTest);

TEST_P(UserTest, IsFoundByIdUsernameAndEmailInItsTenantOnly) {
    User wanted = make_user("Bob.Smith");
    wanted.email = "Bob@Acme.Example";
    wanted.full_name = "Bob Smith";
    wanted.phone_number = "+49 30 123456";
    const User bob = write([&](Tx& tx) { return identity::insert_user(tx, acme, wanted); });
    EXPECT_EQ(read([&](Tx& tx) { return find_user(tx, acme, bob.id); }), bob);
    EXPECT_EQ(read([&](Tx& tx) { return find_user_by_username(tx, acme, "bob.smith"); }), bob);
    EXPECT_EQ(read([&](Tx& tx) { return find_user_by_email(tx, acme, "BOB@acme.example"); }), bob);
    EXPECT_FALSE(read([&](Tx& tx) { return find_user(tx, other, bob.id); }));
    EXPECT_FALSE(read([&](Tx& tx) { return find_user_by_username(tx, other, "bob.smith"); }));
    EXPECT_FALSE(read([&](Tx& tx) { return find_user_by_email(tx, other, "bob@acme.example"); }));
    EXPECT_EQ(list_actions(bob.id.text()), (Names{"alice user.create"}));
}

TEST_P(UserTest, WhatAPersonTypesNamesOneUser) {
    insert_user("bob");
    User named = make_user("carol@acme.example");
    named.email = {};
    write([&](Tx& tx) { return identity::insert_user(tx, acme, named); });
    const auto refusal = [&](const std::string& username, std::optional<std::string> email) {
        User user = make_user(username);
        user.email = std::move(email);
        return refusal_of([&](Tx& tx) { identity::insert_user(tx, acme, user); });
    };
    EXPECT_EQ(refusal("BOB", {}), "conflict: There is a user named BOB already; choose another name.");
    EXPECT_EQ(refusal("bob2", "Bob@acme.example"),
              "conflict: There is a user with the e-mail address Bob@acme.example already; choose another "
              "address.");
    EXPECT_TRUE(refusal("bob@acme.example", {}).starts_with("conflict: ")) << "bob's address";
    EXPECT_TRUE(refusal("carol", "CAROL@acme.example").starts_with("conflict: ")) << "carol's username";
    EXPECT_EQ(refusal("dave@acme.example", "dave@acme.example"), "") << "both are the same user's";
    EXPECT_EQ(refusal("erin", {}), "");
    EXPECT_EQ(refusal("frank", {}), "") << "several have no address";
    User erin = *read([&](Tx& tx) { return find_user_by_username(tx, acme, "erin"); });
    erin.email = "bob@ACME.example";
    EXPECT_TRUE(refusal_of([&](Tx& tx) { update_user(tx, acme, erin); }).starts_with("conflict: "));
    erin.email = "erin@acme.example";
    EXPECT_EQ(write([&](Tx& tx) { return update_user(tx, acme, erin); }).version, 2);
}

TEST_P(UserTest, RefusesWhatIsNoUsernameOrAddress) {
    const auto refusal = [&](auto change) {
        User user = make_user("bob");
        change(user);
        return refusal_of([&](Tx& tx) { identity::insert_user(tx, acme, user); });
    };
    for (const std::string& name : {std::string("bo"), std::string("bob smith"),
                                    std::string("b\xC3\xB6"
                                                "b"),
                                    std::string("bob/x"), std::string(65, 'b'), std::string("bob\0x", 5)})
        EXPECT_EQ(
            refusal([&](User& user) { user.username = name; }),
            "invalid-input: The field username must be 3 to 64 of the letters a to z, digits and _ - . @.");
    for (const std::string& email :
         {std::string("bob"), std::string("@acme.example"), std::string("bob@"),
          std::string("a b@acme.example"), std::string("bob@-acme.example"), std::string("bob@acme..example"),
          std::string(".bob@acme.example"), std::string(250, 'a') + "@acme.example"})
        EXPECT_EQ(refusal([&](User& user) { user.email = email; }),
                  "invalid-input: The field email must be an e-mail address, such as alice@acme.example.")
            << email;
    EXPECT_TRUE(refusal([](User& user) {
                    user.phone_number = "call me";
                }).starts_with("invalid-input: The field phone_number"));
    EXPECT_EQ(refusal([](User& user) {
                  user.username = std::string(64, 'b');
                  user.email = {};
              }),
              "");
}

TEST_P(UserTest, ANewAddressIsNotVerified) {
    User bob = insert_user("bob");
    bob.email_verified_at = clock().now();
    bob.phone_number = "123";
    bob.phone_verified_at = clock().now();
    bob = write([&](Tx& tx) { return update_user(tx, acme, bob); });
    EXPECT_TRUE(bob.email_verified_at && bob.phone_verified_at);
    bob.email = "BOB@acme.example";
    bob = write([&](Tx& tx) { return update_user(tx, acme, bob); });
    EXPECT_TRUE(bob.email_verified_at) << "the same address, spelt anew";
    bob.email = "bob2@acme.example";
    bob.phone_number = "124";
    bob = write([&](Tx& tx) { return update_user(tx, acme, bob); });
    EXPECT_FALSE(bob.email_verified_at || bob.phone_verified_at);
    EXPECT_EQ(read([&](Tx& tx) { return find_user(tx, acme, bob.id); }), bob);
}

TEST_P(UserTest, TheOwnerStays) {
    const User bob = insert_user("bob");
    write([&](Tx& tx) {
        return transfer_ownership(tx, acme, {.id = new_id<OwnershipTransferId>(), .new_owner = bob.id});
    });
    const std::string sentence =
        "conflict: The user " + bob.id.text() + " owns the tenant: make somebody else its owner first.";
    EXPECT_EQ(refusal_of([&](Tx& tx) { suspend_user(tx, acme, bob.id); }), sentence);
    EXPECT_EQ(refusal_of([&](Tx& tx) { delete_user(tx, acme, bob); }), sentence);
    const User carol = insert_user("carol");
    EXPECT_EQ(write([&](Tx& tx) { return suspend_user(tx, acme, carol.id); }).status, UserStatus::suspended);
    EXPECT_EQ(write([&](Tx& tx) { return activate_user(tx, acme, carol.id); }).status, UserStatus::active);
}

TEST_P(UserTest, IsDeletedAndRestored) {
    const User bob = insert_user("bob");
    write([&](Tx& tx) { return delete_user(tx, acme, bob); });
    EXPECT_FALSE(read([&](Tx& tx) { return find_user_by_email(tx, acme, "bob@acme.example"); }));
    const User newcomer = insert_user("bob");
    EXPECT_TRUE(refusal_of([&](Tx& tx) { restore_user(tx, acme, bob.id); }).starts_with("conflict: "));
    EXPECT_TRUE(refusal_of([&](Tx& tx) { restore_user(tx, other, bob.id); }).starts_with("not-found: "));
    write([&](Tx& tx) { return delete_user(tx, acme, newcomer); });
    EXPECT_EQ(write([&](Tx& tx) { return restore_user(tx, acme, bob.id); }).version, 3);
    User again = make_user("third");
    again.id = newcomer.id;
    EXPECT_EQ(refusal_of([&](Tx& tx) { identity::insert_user(tx, acme, again); }),
              "conflict: There is, or was, a user with the id " + again.id.text() + "; choose another id.");
}

TEST_P(UserTest, IsListedByFiltersAndSorts) {
    for (const char* name : {"beta", "Alpha", "gamma"}) {
        clock().advance(std::chrono::seconds(1));
        User user = make_user(name);
        user.full_name = std::string("Dr ") + name + " Ünder";
        write([&](Tx& tx) { return identity::insert_user(tx, acme, user); });
    }
    const auto list = [&](db::ListRequest request) {
        return names_of(read([&](Tx& tx) { return list_users(tx, acme, request); }).items);
    };
    EXPECT_EQ(list({}), (Names{"Alpha", "beta", "gamma"}));
    EXPECT_EQ(list({.sort = "created_at"}), (Names{"beta", "Alpha", "gamma"}));
    EXPECT_EQ(list({.sort = "-created_at"}), (Names{"gamma", "Alpha", "beta"}));
    for (const char* sort : {"username", "created_at", "-created_at"}) {
        EXPECT_EQ(list({.filters = {{"username", "GA"}}, .sort = sort}), (Names{"gamma"})) << sort;
        EXPECT_EQ(list({.filters = {{"email", "ALPHA@acme.example"}}, .sort = sort}), (Names{"Alpha"}))
            << sort;
        EXPECT_EQ(list({.filters = {{"email", "alpha"}}, .sort = sort}), Names{})
            << sort << ": the whole of it";
        EXPECT_EQ(list({.filters = {{"search", "dr beta ü"}}, .sort = sort}), (Names{"beta"})) << sort;
        EXPECT_EQ(list({.filters = {{"status", "suspended"}}, .sort = sort}), Names{}) << sort;
    }
    EXPECT_TRUE(read([&](Tx& tx) { return list_users(tx, other, {}); }).items.empty());
}

TEST_P(UserTest, AreAsManyAsTheirTenantMayHave) {
    Tenant tenant = *read([&](Tx& tx) { return find_tenant(tx, acme); });
    tenant.settings = R"({"max_users": 1})";
    write([&](Tx& tx) { return update_tenant(tx, tenant); });
    const User alice = insert_user("alice");
    const std::string sentence =
        "conflict: The tenant acme has all the users that it may have, 1: delete one, or raise max_users in "
        "its settings.";
    EXPECT_EQ(refusal_of([&](Tx& tx) { identity::insert_user(tx, acme, make_user("bob")); }), sentence);
    write([&](Tx& tx) { return delete_user(tx, acme, alice); });
    insert_user("bob");
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_user(tx, acme, alice.id); }), sentence);
}

}  // namespace
}  // namespace lodestone::identity
