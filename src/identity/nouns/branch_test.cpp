// Branches on every database: what they have of their own beside what every noun has.
#include "identity/nouns/branch.hpp"

#include <gtest/gtest.h>

#include "support/tenants.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using Names = std::vector<std::string>;

class BranchTest : public test::WithTenants {
  protected:
    Branch make(std::string code, std::string name) {
        Branch branch;
        branch.id = new_id<BranchId>();
        branch.code = std::move(code);
        branch.name = std::move(name);
        return branch;
    }
    Branch insert(const App& app, const Branch& branch) {
        return write([&](Tx& tx) { return insert_branch(tx, acme, app.id, branch); });
    }
};
INSTANTIATE_ON_EVERY_DATABASE(BranchTest);

TEST_P(BranchTest, IsFoundInItsAppOnly) {
    const App shop = insert_app("Shop");
    const App till = insert_app("Till");
    Branch wanted = make("BER-1", "Berlin");
    wanted.type = BranchType::store;
    wanted.address = R"({"city":"Berlin","latitude":52.5})";
    wanted.contact = R"({"phone":"+49 30 1","email":"berlin@acme.example"})";
    wanted.settings = R"({"timezone":"Europe/Berlin","currency":"EUR","language":"de"})";
    const Branch berlin = insert(shop, wanted);
    EXPECT_EQ(read([&](Tx& tx) { return find_branch(tx, acme, shop.id, berlin.id); }), berlin);
    EXPECT_EQ(read([&](Tx& tx) { return find_branch_by_code(tx, acme, shop.id, "ber-1"); }), berlin);
    EXPECT_FALSE(read([&](Tx& tx) { return find_branch(tx, acme, till.id, berlin.id); }));
    EXPECT_FALSE(read([&](Tx& tx) { return find_branch(tx, other, shop.id, berlin.id); }));
    EXPECT_EQ(list_actions(berlin.id.text()), (Names{"alice branch.create"}));
}

TEST_P(BranchTest, BelongsToAnAppOfTheTenant) {
    const App shop = insert_app("Shop");
    EXPECT_EQ(refusal_of([&](Tx& tx) { insert_branch(tx, other, shop.id, make("BER", "Berlin")); }),
              "not-found: There is no app " + shop.id.text() + ".");
    const Branch berlin = insert(shop, make("BER", "Berlin"));
    write([&](Tx& tx) { return delete_branch(tx, acme, shop.id, berlin); });
    write([&](Tx& tx) { return delete_app(tx, acme, shop); });
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_branch(tx, acme, shop.id, berlin.id); }),
              "not-found: There is no deleted branch " + berlin.id.text() + ".");
}

TEST_P(BranchTest, HasACodeOfItsOwnInItsApp) {
    const App shop = insert_app("Shop");
    const Branch berlin = insert(shop, make("BER", "Berlin"));
    const std::string sentence =
        "conflict: There is a branch with the code ber in this app already; choose another code.";
    EXPECT_EQ(refusal_of([&](Tx& tx) { insert_branch(tx, acme, shop.id, make("ber", "Other")); }), sentence);
    insert(insert_app("Till"), make("BER", "Berlin"));
    Branch second = insert(shop, make("BER-2", "Berlin"));
    second.code = "ber";
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_branch(tx, acme, shop.id, second); }), sentence);
    write([&](Tx& tx) { return delete_branch(tx, acme, shop.id, berlin); });
    EXPECT_EQ(write([&](Tx& tx) { return update_branch(tx, acme, shop.id, second); }).version, 2);
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { restore_branch(tx, acme, shop.id, berlin.id); }).starts_with("conflict: "));
    for (const char* code : {"", "a b", "ä", "a/b"}) {
        second.code = code;
        EXPECT_TRUE(refusal_of([&](Tx& tx) {
                        update_branch(tx, acme, shop.id, second);
                    }).starts_with("invalid-input: The field code"));
    }
}

TEST_P(BranchTest, IsDisabledListedAndDeleted) {
    const App shop = insert_app("Shop");
    for (const char* name : {"beta", "Alpha", "gamma"}) {
        clock().advance(std::chrono::seconds(1));
        insert(shop, make(std::string("C-") + name, name));
    }
    const Branch alpha = *read([&](Tx& tx) { return find_branch_by_code(tx, acme, shop.id, "c-alpha"); });
    EXPECT_EQ(write([&](Tx& tx) { return disable_branch(tx, acme, shop.id, alpha.id); }).status,
              BranchStatus::disabled);
    const auto list = [&](db::ListRequest request) {
        return names_of(read([&](Tx& tx) { return list_branches(tx, acme, shop.id, request); }).items);
    };
    EXPECT_EQ(list({}), (Names{"Alpha", "beta", "gamma"}));
    EXPECT_EQ(list({.sort = "created_at"}), (Names{"beta", "Alpha", "gamma"}));
    EXPECT_EQ(list({.sort = "-created_at"}), (Names{"gamma", "Alpha", "beta"}));
    for (const char* sort : {"name", "created_at", "-created_at"}) {
        EXPECT_EQ(list({.filters = {{"name", "BE"}}, .sort = sort}), (Names{"beta"})) << sort;
        EXPECT_EQ(list({.filters = {{"search", "c-ga"}}, .sort = sort}), (Names{"gamma"})) << sort;
        EXPECT_EQ(list({.filters = {{"status", "disabled"}}, .sort = sort}), (Names{"Alpha"})) << sort;
        EXPECT_EQ(list({.filters = {{"type", "store"}}, .sort = sort}), Names{}) << sort;
    }
    EXPECT_EQ(write([&](Tx& tx) { return activate_branch(tx, acme, shop.id, alpha.id); }).version, 3);
    EXPECT_TRUE(refusal_of([&](Tx& tx) {
                    delete_branch(tx, acme, shop.id, alpha);
                }).starts_with("precondition-failed"));
}

}  // namespace
}  // namespace lodestone::identity
