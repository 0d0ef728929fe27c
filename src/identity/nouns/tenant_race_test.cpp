// Several at once on one tenant or one name: somebody wins, everybody else is told.
#include <gtest/gtest.h>

#include <atomic>

#include "identity/nouns/tenant.hpp"
#include "ledger/audit.hpp"
#include "support/databases.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;

constexpr int crowd = 16;

class TenantRaceTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (!IsSkipped()) database().keep_records(ledger::make_record_keeper(context()));
    }
    Tenant make(std::string name) {
        Tenant tenant;
        tenant.id = new_id<TenantId>();
        tenant.name = std::move(name);
        return tenant;
    }
    // How many of the crowd were refused with this code; nobody is refused with another.
    template <class Attempt>
    int count_refused(std::string_view code, Attempt attempt) {
        std::atomic<int> refused = 0;
        test::run_at_once(crowd, [&](int i) {
            const std::string refusal = refusal_of([&](Tx& tx) { attempt(tx, i); });
            if (refusal.empty()) return;
            EXPECT_TRUE(refusal.starts_with(code)) << refusal;
            ++refused;
        });
        return refused;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(TenantRaceTest);

TEST_P(TenantRaceTest, OneOfManyInsertsGetsTheName) {
    std::vector<Tenant> tenants;
    for (int i = 0; i < crowd; ++i) tenants.push_back(make(i % 2 == 0 ? "Acme" : "ACME"));
    EXPECT_EQ(count_refused("conflict: There is a tenant named",
                            [&](Tx& tx, int i) { insert_tenant(tx, tenants[static_cast<std::size_t>(i)]); }),
              crowd - 1);
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants"), "1");
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit"), "1");
}

TEST_P(TenantRaceTest, OneOfManyUpdatesOfOneVersionWins) {
    const Tenant acme = write([&](Tx& tx) { return insert_tenant(tx, make("Acme")); });
    EXPECT_EQ(count_refused("precondition-failed:",
                            [&](Tx& tx, int i) {
                                Tenant mine = acme;
                                mine.name = "Acme " + std::to_string(i);
                                update_tenant(tx, mine);
                            }),
              crowd - 1);
    EXPECT_EQ(run_sql("SELECT version FROM tenants"), "2");
    EXPECT_EQ(run_sql("SELECT count(*) FROM outbox WHERE action = 'tenant.update'"), "1");
}

TEST_P(TenantRaceTest, EveryUpdateThatLooksAgainIsKept) {
    const Tenant acme = write([&](Tx& tx) { return insert_tenant(tx, make("Acme")); });
    test::run_at_once(crowd, [&](int i) {
        const auto rename = [&](Tx& tx) {
            Tenant newest = *find_tenant(tx, acme.id);
            newest.name = "Acme " + std::to_string(i);
            update_tenant(tx, newest);
        };
        // An engine that gives up repeating says that trying again may help.
        while (refusal_of(rename).starts_with("unavailable:")) {
        }
    });
    EXPECT_EQ(run_sql("SELECT version FROM tenants"), std::to_string(1 + crowd));
}

TEST_P(TenantRaceTest, OneOfManyRenamesGetsTheName) {
    std::vector<Tenant> tenants;
    for (int i = 0; i < crowd; ++i)
        tenants.push_back(
            write([&](Tx& tx) { return insert_tenant(tx, make("Acme " + std::to_string(i))); }));
    EXPECT_EQ(count_refused("conflict:",
                            [&](Tx& tx, int i) {
                                Tenant mine = tenants[static_cast<std::size_t>(i)];
                                mine.name = "Wanted";
                                update_tenant(tx, mine);
                            }),
              crowd - 1);
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants WHERE name = 'Wanted'"), "1");
}

TEST_P(TenantRaceTest, ARestoredAndANewTenantNeverShareAName) {
    const Tenant old = write([&](Tx& tx) { return insert_tenant(tx, make("Acme")); });
    write([&](Tx& tx) { delete_tenant(tx, old); });
    const Tenant fresh = make("acme");
    // Half of them restore, of which later ones find nothing deleted any more; half of them insert.
    std::atomic<int> succeeded = 0;
    test::run_at_once(crowd, [&](int i) {
        const std::string refusal = refusal_of([&](Tx& tx) {
            if (i % 2 == 0)
                restore_tenant(tx, old.id);
            else
                insert_tenant(tx, fresh);
        });
        if (refusal.empty()) ++succeeded;
        EXPECT_FALSE(refusal.starts_with("internal")) << refusal;
    });
    EXPECT_EQ(succeeded, 1);
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants WHERE name_folded = 'acme' AND deleted_at IS NULL"), "1");
}

}  // namespace
}  // namespace lodestone::identity
