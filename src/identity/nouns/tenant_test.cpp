// Every verb of a tenant's life, on every database. Copied with the pair that it tests.
#include "identity/nouns/tenant.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "identity/nouns/purge.hpp"
#include "ledger/audit.hpp"
#include "support/databases.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;

class TenantTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (!IsSkipped()) database().keep_records(ledger::make_record_keeper(context()));
    }
    Tenant insert(std::string name) {
        return write([&](Tx& tx) {
            Tenant tenant;
            tenant.id = new_id<TenantId>();
            tenant.name = name;
            return insert_tenant(tx, tenant);
        });
    }
    std::optional<Tenant> find(const TenantId& id) {
        return read([&](Tx& tx) { return find_tenant(tx, id); });
    }
    // What the audit log says happened, the newest first.
    std::vector<std::string> list_actions(const TenantId& id) {
        std::vector<std::string> actions;
        for (const auto& entry : read([&](Tx& tx) { return ledger::list_audit(tx, id, {}); }).items)
            actions.push_back(entry.actor + " " + entry.action + " " + entry.details);
        return actions;
    }
    std::vector<std::string> list_names(const db::ListRequest& request) {
        std::vector<std::string> names;
        for (const Tenant& tenant : read([&](Tx& tx) { return list_tenants(tx, request); }).items)
            names.push_back(tenant.name);
        return names;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(TenantTest);

using Names = std::vector<std::string>;

TEST_P(TenantTest, IsFoundAsItWasInserted) {
    Tenant wanted;
    wanted.id = TenantId::trusted("acme");
    wanted.name = "Ácme & Söhne 🦀";
    wanted.status = TenantStatus::suspended;
    wanted.metadata = R"({"städte": ["東京"]})";
    const Tenant inserted = write([&](Tx& tx) { return insert_tenant(tx, wanted); });
    EXPECT_EQ(inserted.version, 1);
    EXPECT_EQ(inserted.created_at, clock().now());
    EXPECT_EQ(inserted.created_by, "alice");
    EXPECT_EQ(find(wanted.id), inserted);
    EXPECT_EQ(read([](Tx& tx) { return find_tenant_by_name(tx, "áCME & SÖHNE 🦀"); }), inserted);
    EXPECT_EQ(list_actions(wanted.id).size(), 1u);
}

TEST_P(TenantTest, IsNotFoundByAnythingElse) {
    insert("Acme");
    EXPECT_FALSE(find(new_id<TenantId>()));
    EXPECT_FALSE(find({}));
    EXPECT_FALSE(read([](Tx& tx) { return find_tenant_by_name(tx, "Acm"); }));
    EXPECT_FALSE(read([](Tx& tx) { return find_tenant_by_name(tx, "Acme' OR '1'='1"); }));
}

TEST_P(TenantTest, HasANameOfItsOwn) {
    insert("Straße Łódź");
    EXPECT_EQ(refusal_of([&](Tx& tx) {
                  Tenant other;
                  other.id = new_id<TenantId>();
                  other.name = "straße łódź";
                  insert_tenant(tx, other);
              }),
              "conflict: There is a tenant named straße łódź already; choose another name.");
}

TEST_P(TenantTest, HasAnIdOfItsOwn) {
    Tenant acme = insert("Acme");
    write([&](Tx& tx) { delete_tenant(tx, acme); });
    acme.name = "Other";
    EXPECT_EQ(refusal_of([&](Tx& tx) { insert_tenant(tx, acme); }),
              "conflict: There is, or was, a tenant with the id " + acme.id.text() + "; choose another id.");
}

TEST_P(TenantTest, AConflictLeavesTheTransactionUsable) {
    insert("Acme");
    const TenantId id = new_id<TenantId>();
    write([&](Tx& tx) {
        Tenant tenant;
        tenant.id = id;
        tenant.name = "Acme";
        EXPECT_THROW(insert_tenant(tx, tenant), Problem);
        tenant.name = "Acme 2";
        insert_tenant(tx, tenant);
    });
    EXPECT_EQ(find(id)->name, "Acme 2");
}

TEST_P(TenantTest, ChangesAreWrittenDown) {
    Tenant acme = insert("Acme");
    clock().advance(std::chrono::seconds(5));
    acme.name = "Acme Inc";
    acme.status = TenantStatus::suspended;
    const Tenant updated = write([&](Tx& tx) { return update_tenant(tx, acme); }, {.actor = "bob"});
    EXPECT_EQ(updated.version, 2);
    EXPECT_EQ(updated.created_by, "alice");
    EXPECT_EQ(updated.updated_by, "bob");
    EXPECT_EQ(updated.updated_at, clock().now());
    EXPECT_EQ(find(acme.id), updated);
    EXPECT_EQ(list_actions(acme.id), (Names{R"(bob tenant.update {"name":{"from":"Acme","to":"Acme Inc"},)"
                                            R"("status":{"from":"active","to":"suspended"}})",
                                            R"(alice tenant.create {"name":{"from":"","to":"Acme"}})"}));
}

TEST_P(TenantTest, AnOlderVersionIsNotChanged) {
    Tenant seen = insert("Acme");
    write([&](Tx& tx) { return update_tenant(tx, seen); });
    seen.name = "Mine";
    const std::string sentence = "precondition-failed: Somebody else changed the tenant " + seen.id.text() +
                                 " meanwhile: look at it again, then repeat your change.";
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_tenant(tx, seen); }), sentence);
    EXPECT_EQ(refusal_of([&](Tx& tx) { delete_tenant(tx, seen); }), sentence);
    EXPECT_EQ(find(seen.id)->name, "Acme");
    EXPECT_EQ(list_actions(seen.id).size(), 2u);
}

TEST_P(TenantTest, WhatIsNotThereIsNotChanged) {
    Tenant nobody;
    nobody.id = TenantId::trusted("nobody");
    nobody.name = "Nobody";
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_tenant(tx, nobody); }),
              "not-found: There is no tenant nobody.");
    EXPECT_EQ(refusal_of([&](Tx& tx) { delete_tenant(tx, nobody); }),
              "not-found: There is no tenant nobody.");
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_tenant(tx, nobody.id); }),
              "not-found: There is no deleted tenant nobody.");
}

TEST_P(TenantTest, IsNotRenamedToATakenName) {
    insert("Taken");
    Tenant acme = insert("Acme");
    acme.name = "TAKEN";
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_tenant(tx, acme); }),
              "conflict: There is a tenant named TAKEN already; choose another name.");
    acme.name = "ACME";
    EXPECT_EQ(write([&](Tx& tx) { return update_tenant(tx, acme); }).name, "ACME")
        << "its own name, spelt anew";
}

TEST_P(TenantTest, ADeletedNameIsFreeAndRestoringNeedsItBack) {
    const Tenant first = insert("Acme");
    const Tenant deleted = write([&](Tx& tx) { return delete_tenant(tx, first); }, {.actor = "bob"});
    EXPECT_EQ(deleted.deleted_by, "bob");
    EXPECT_FALSE(find(first.id));
    EXPECT_TRUE(list_names({}).empty());

    const Tenant second = insert("acme");
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_tenant(tx, first.id); }),
              "conflict: There is another tenant named Acme by now; rename or delete that one first.");
    write([&](Tx& tx) { delete_tenant(tx, second); });
    clock().advance(std::chrono::seconds(1));
    const Tenant restored = write([&](Tx& tx) { return restore_tenant(tx, first.id); });
    EXPECT_EQ(restored.version, 3);
    EXPECT_FALSE(restored.deleted_at || restored.deleted_by);
    EXPECT_EQ(find(first.id), restored);
    EXPECT_EQ(list_actions(first.id).front(), "alice tenant.restore {}");
}

TEST_P(TenantTest, IsPurgedWhenItsTimeIsOver) {
    const Tenant kept = insert("Kept");
    const Tenant gone = insert("Gone");
    write([&](Tx& tx) { delete_tenant(tx, gone); });
    const Time deleted = clock().now();
    EXPECT_EQ(write([&](Tx& tx) { return purge_tenants(tx, deleted); }), 0);
    clock().advance(std::chrono::hours(1));
    EXPECT_EQ(write([&](Tx& tx) { return purge_tenants(tx, clock().now()); }), 2) << "begun, and gone";
    EXPECT_EQ(write([&](Tx& tx) { return purge_tenants(tx, clock().now()); }), 0);
    EXPECT_FALSE(refusal_of([&](Tx& tx) { restore_tenant(tx, gone.id); }).empty());
    EXPECT_TRUE(find(kept.id));
    EXPECT_EQ(list_actions(gone.id).front(), "alice tenant.purge {}");
    Tenant newcomer;
    newcomer.id = gone.id;  // who got it could read the log of what was purged
    newcomer.name = "Newcomer";
    const std::string refusal = refusal_of([&](Tx& tx) { insert_tenant(tx, newcomer); });
    EXPECT_NE(refusal.find(gone.id.text()), std::string::npos) << refusal;
}

TEST_P(TenantTest, IsPurgedInPieces) {
    write([&](Tx& tx) {
        for (std::int64_t i = 0; i <= limits::purge_rows; ++i) {
            Tenant tenant;
            tenant.id = new_id<TenantId>();
            tenant.name = std::to_string(i);
            insert_tenant(tx, tenant);
        }
    });
    run_sql("UPDATE tenants SET deleted_at = 1, deleted_by = 'bob'");
    const auto purge = [&](Tx& tx) { return purge_tenants(tx, clock().now()); };
    const auto count = [&] { return run_sql("SELECT count(*) FROM tenants"); };
    EXPECT_EQ(write(purge), limits::purge_rows) << "all of these have begun";
    EXPECT_EQ(count(), std::to_string(limits::purge_rows + 1));
    EXPECT_EQ(write(purge), limits::purge_rows) << "the last has begun, and there was room for these";
    EXPECT_EQ(count(), "2");
    EXPECT_EQ(write(purge), 2);
    EXPECT_EQ(write(purge), 0);
}

TEST_P(TenantTest, HasADomainOfItsOwn) {
    Tenant acme = insert("Acme");
    acme.domain = "Acme.Example";
    acme = write([&](Tx& tx) { return update_tenant(tx, acme); });
    EXPECT_EQ(acme.domain, "acme.example");
    EXPECT_EQ(read([](Tx& tx) { return find_tenant_by_domain(tx, "ACME.example"); }), acme);
    Tenant second = insert("Second");
    second.domain = "acme.example";
    const std::string sentence =
        "conflict: There is a tenant with the domain acme.example already; choose another domain.";
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_tenant(tx, second); }), sentence);
    Tenant third;
    third.id = new_id<TenantId>();
    third.name = "Third";
    third.domain = "acme.example";
    EXPECT_EQ(refusal_of([&](Tx& tx) { insert_tenant(tx, third); }), sentence);
    third.domain = "not a domain";
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { insert_tenant(tx, third); }).starts_with("invalid-input: The field domain"));
    write([&](Tx& tx) { return delete_tenant(tx, acme); });
    write([&](Tx& tx) { return update_tenant(tx, second); });
    EXPECT_TRUE(refusal_of([&](Tx& tx) { restore_tenant(tx, acme.id); }).starts_with("conflict: "));
}

TEST_P(TenantTest, IsSuspendedAndActivated) {
    const Tenant acme = insert("Acme");
    EXPECT_EQ(write([&](Tx& tx) { return suspend_tenant(tx, acme.id); }).status, TenantStatus::suspended);
    EXPECT_EQ(write([&](Tx& tx) { return suspend_tenant(tx, acme.id); }).version, 2) << "it was already";
    EXPECT_EQ(write([&](Tx& tx) { return activate_tenant(tx, acme.id); }).status, TenantStatus::active);
    EXPECT_EQ(refusal_of([&](Tx& tx) { suspend_tenant(tx, TenantId::trusted("nobody")); }),
              "not-found: There is no tenant nobody.");
}

TEST_P(TenantTest, KeepsOnlySettingsThatItKnows) {
    Tenant acme = insert("Acme");
    acme.settings = R"({"password_policy":{"min_lenght":12}})";
    EXPECT_TRUE(
        refusal_of([&](Tx& tx) { update_tenant(tx, acme); })
            .starts_with("invalid-input: There is no field settings.password_policy.min_lenght; there are: "
                         "min_length, "));
    acme.settings = R"({"password_policy":{"min_length":12}})";
    acme.config = R"({"security":{"blocked_ips":["10.0.0.0/8","10.0.0.1/8"]}})";
    EXPECT_TRUE(refusal_of([&](Tx& tx) {
                    update_tenant(tx, acme);
                }).starts_with("invalid-input: The field config.security.blocked_ips[1] must be "));
}

TEST_P(TenantTest, IsListedByFiltersAndSorts) {
    for (const char* name : {"beta", "Alpha", "gamma_1", "100% Beta"}) {
        clock().advance(std::chrono::seconds(1));
        insert(name);
    }
    Tenant alpha = *read([](Tx& tx) { return find_tenant_by_name(tx, "alpha"); });
    alpha.status = TenantStatus::suspended;
    write([&](Tx& tx) { update_tenant(tx, alpha); });

    EXPECT_EQ(list_names({}), (Names{"100% Beta", "Alpha", "beta", "gamma_1"}));
    EXPECT_EQ(list_names({.sort = "created_at"}), (Names{"beta", "Alpha", "gamma_1", "100% Beta"}));
    EXPECT_EQ(list_names({.sort = "-created_at"}), (Names{"100% Beta", "gamma_1", "Alpha", "beta"}));
    EXPECT_EQ(list_names({.filters = {{"status", "suspended"}}}), (Names{"Alpha"}));
    for (const char* sort : {"name", "created_at", "-created_at"}) {
        EXPECT_EQ(list_names({.filters = {{"name", "BE"}}, .sort = sort}), (Names{"beta"})) << sort;
        EXPECT_EQ(list_names({.filters = {{"search", "_"}}, .sort = sort}), (Names{"gamma_1"})) << sort;
        EXPECT_EQ(list_names({.filters = {{"search", "% b"}}, .sort = sort}), (Names{"100% Beta"})) << sort;
        EXPECT_EQ(list_names({.filters = {{"search", "!"}}, .sort = sort}), Names{}) << sort;
    }
    EXPECT_EQ(list_names({.filters = {{"status", "active"}, {"search", "A"}}, .sort = "created_at"}),
              (Names{"beta", "gamma_1", "100% Beta"}));
}

TEST_P(TenantTest, RefusesWhatIsNoNameOrNoMetadata) {
    Tenant tenant;
    tenant.id = new_id<TenantId>();
    for (const std::string& name :
         {std::string(), std::string("a\0b", 3), std::string("\xFF"), std::string(" a")}) {
        tenant.name = name;
        EXPECT_TRUE(
            refusal_of([&](Tx& tx) { insert_tenant(tx, tenant); }).starts_with("invalid-input: The name of"));
    }
    tenant.name = "Acme";
    for (const std::string& metadata :
         {std::string("[]"), std::string("{"), "{\"a\":\"" + std::string(1 << 20, 'a') + "\"}"}) {
        tenant.metadata = metadata;
        EXPECT_TRUE(refusal_of([&](Tx& tx) {
                        insert_tenant(tx, tenant);
                    }).starts_with("invalid-input: The metadata"));
    }
    EXPECT_TRUE(list_names({}).empty());
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit"), "0");
}

}  // namespace
}  // namespace lodestone::identity
