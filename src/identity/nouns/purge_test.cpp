// Purging tenants, apps and users on every database: all that belongs to them goes, in pieces, and nothing
// else.
#include "identity/nouns/purge.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "base/limits.hpp"
#include "identity/nouns/membership.hpp"
#include "identity/nouns/tenant_owner.hpp"
#include "support/tenants.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;

// Rows of every table that has no noun here, for a user "u", an app "a" and the tenant that stands for @.
constexpr const char* other_rows[] = {
    "INSERT INTO identity_providers (tenant_id, id, name, name_folded, issuer, client_id, scopes, "
    "group_roles, "
    "registration, links_by_email, status, version, created_at, created_by, updated_at, updated_by) "
    "VALUES (@, 'd', 'd', 'd', 'i', 'c', '[]', '{}', 'closed', FALSE, 'active', 1, 1, 'x', 1, 'x')",
    "INSERT INTO provider_sign_ins (tenant_id, state_hash, provider_id, browser_hash, nonce, code_verifier, "
    "created_at, expires_at) VALUES (@, 'h', 'd', '', '', '', 1, 1)",
    "INSERT INTO web_logins (tenant_id, public_id, secret_hash, format, repository, address, client, "
    "created_at, expires_at, user_id) VALUES (@, 'w' || @, '', 'npm', 'r', '', '', 1, 1, 'u')",
    "INSERT INTO trusted_publishers (tenant_id, id, app_id, name, name_folded, forge, issuer, repository, "
    "repository_id, owner_id, workflow, scopes, lifetime_seconds, version, created_at, created_by, "
    "updated_at, "
    "updated_by) VALUES (@, 'f', 'a', 'f', 'f', 'x', 'i', 'r', '1', '1', 'w', '[]', 1, 1, 1, 'x', 1, 'x')",
    "INSERT INTO user_roles VALUES (@, 'u', 'viewer', 1, 'x')",
    "INSERT INTO user_identities (tenant_id, id, user_id, provider, provider_id, is_verified, metadata, "
    "version, "
    "created_at, created_by, updated_at, updated_by) VALUES (@, 'i', 'u', 'oidc', 's', TRUE, '{}', 1, 1, "
    "'x', 1, 'x')",
    "INSERT INTO roles (tenant_id, id, name, name_folded, description, status, permissions, metadata, "
    "version, "
    "created_at, created_by, updated_at, updated_by) "
    "VALUES (@, 'r', 'r', 'r', '', 'active', '[]', '{}', 1, 1, 'x', 1, 'x')",
    "INSERT INTO policies (tenant_id, id, app_id, name, name_folded, description, effect, subjects, actions, "
    "resources, conditions, status, metadata, version, created_at, created_by, updated_at, updated_by) "
    "VALUES (@, 'p', 'a', 'p', 'p', '', 'deny', '[]', '[]', '[]', '[]', 'active', '{}', 1, 1, 'x', 1, 'x')",
    "INSERT INTO keys (tenant_id, id, public_id, secret_hash, user_id, type, environment, name, name_folded, "
    "scopes, "
    "networks, "
    "metadata, expires_at, version, created_at, created_by, updated_at, updated_by) "
    "VALUES (@, 'k', 'k' || @, '', 'u', 'personal', 'live', 'k', 'k', '[]', '[]', '{}', 1, 1, 1, 'x', 1, "
    "'x')",
    "INSERT INTO keys (tenant_id, id, public_id, secret_hash, app_id, type, environment, name, name_folded, "
    "scopes, "
    "networks, "
    "metadata, expires_at, version, created_at, created_by, updated_at, updated_by) "
    "VALUES (@, 'l', 'l' || @, '', 'a', 'app', 'live', 'l', 'l', '[]', '[]', '{}', 1, 1, 1, 'x', 1, 'x')",
    "INSERT INTO user_credentials (tenant_id, user_id, must_change_password, failed_attempts, updated_at) "
    "VALUES (@, 'u', FALSE, 0, 1)",
    "INSERT INTO recovery_codes (tenant_id, user_id, code_hash, created_at) VALUES (@, 'u', 'h', 1)",
    "INSERT INTO sessions (tenant_id, id, user_id, public_id, access_hash, access_expires_at, method, "
    "has_second_factor, address, agent, created_at, last_active_at, expires_at) "
    "VALUES (@, 's', 'u', 's' || @, '', 1, 'password', FALSE, '', '', 1, 1, 1)",
    "INSERT INTO refresh_tokens (tenant_id, id, session_id, public_id, secret_hash, created_at, expires_at) "
    "VALUES (@, 't', 's', 't' || @, '', 1, 1)",
    "INSERT INTO invitations (tenant_id, id, public_id, secret_hash, app_id, role, created_at, created_by, "
    "expires_at) VALUES (@, 'v', 'v' || @, '', 'a', 'viewer', 1, 'x', 1)",
    "INSERT INTO blob_leases VALUES (@, 'r/p', 1, 1)",
    "INSERT INTO blob_uses VALUES (@, 1, 1)",
    "INSERT INTO uploads (tenant_id, id, scope, blob_id, size_bytes, digest_state, store_state, created_at, "
    "created_by, touched_at, expires_at) SELECT @, 'u', 's', 2, 0, sha256, '', 1, 'x', 1, 1 FROM blobs",
    "INSERT INTO reset_links (tenant_id, id, user_id, public_id, secret_hash, created_at, created_by, "
    "expires_at) "
    "VALUES (@, 'x', 'u', 'x' || @, '', 1, 'x', 1)",
};

class PurgeTest : public test::WithTenants {
  protected:
    // One of everything, in a tenant whose user "o" owns it.
    void fill(const TenantId& tenant) {
        write([&](Tx& tx) {
            App app = make_app("A");
            app.id = AppId::trusted("a");
            identity::insert_app(tx, tenant, app);
            Branch branch;
            branch.id = BranchId::trusted("b");
            branch.code = branch.name = "B";
            insert_branch(tx, tenant, app.id, branch);
            for (const char* id : {"u", "o"}) {
                User user = make_user(std::string("user-") + id);
                user.id = UserId::trusted(id);
                identity::insert_user(tx, tenant, user);
            }
            grant_membership(tx, tenant, app.id, UserId::trusted("u"), RoleId::trusted("viewer"));
            transfer_ownership(tx, tenant,
                               {.id = OwnershipTransferId::trusted("h"), .new_owner = UserId::trusted("o")});
        });
        run_sql(GetParam() == db::EngineKind::sqlite
                    ? "INSERT INTO blobs (id, sha256, size_bytes, state, state_at, created_at) "
                      "VALUES (1, x'00', 1, 'live', 1, 1) ON CONFLICT DO NOTHING"
                    : "INSERT INTO blobs (id, sha256, size_bytes, state, state_at, created_at) "
                      "VALUES (1, '\\x00', 1, 'live', 1, 1) ON CONFLICT DO NOTHING");
        for (std::string sql : other_rows) {
            for (std::size_t at = sql.find('@'); at != std::string::npos; at = sql.find('@'))
                sql.replace(at, 1, "'" + tenant.text() + "'");
            run_sql(sql);
        }
    }
    // Tables with a column of this name.
    std::vector<std::string> list_tables(const std::string& column) {
        return split(
            run_sql(GetParam() == db::EngineKind::sqlite
                        ? "SELECT group_concat(m.name) FROM sqlite_schema AS m, pragma_table_info(m.name) "
                          "AS c WHERE m.type = 'table' AND c.name = '" +
                              column + "'"
                        : "SELECT string_agg(table_name::text, ',') FROM information_schema.columns "
                          "WHERE table_schema = current_schema() AND column_name = '" +
                              column + "'"));
    }
    std::string count(const std::string& table, const TenantId& tenant) {
        return run_sql("SELECT count(*) FROM " + table + " WHERE tenant_id = '" + tenant.text() + "'");
    }
    // Until nothing is left to do; how often that took.
    template <class Purge>
    int purge_all(Purge purge) {
        clock().advance(std::chrono::hours(1));
        int calls = 0;
        for (std::int64_t done = 1; done > 0; ++calls) {
            done = write([&](Tx& tx) { return purge(tx, clock().now(), std::span<const PurgeStep>{}); });
            EXPECT_LE(done, limits::purge_rows);
        }
        return calls;
    }

  private:
    static std::vector<std::string> split(const std::string& joined) {
        std::vector<std::string> parts;
        std::istringstream words(joined);
        for (std::string part; std::getline(words, part, ',');) parts.push_back(part);
        return parts;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(PurgeTest);

TEST_P(PurgeTest, NothingOfATenantIsLeftAndNothingElseIsTouched) {
    fill(acme);
    fill(other);
    const auto tables = list_tables("tenant_id");
    std::vector<std::string> before;
    for (const std::string& table : tables) before.push_back(count(table, other));
    write([&](Tx& tx) { return delete_tenant(tx, *find_tenant(tx, acme)); });
    EXPECT_EQ(purge_all(purge_tenants), 2);
    for (std::size_t i = 0; i < tables.size(); ++i) {
        if (tables[i] == "audit" || tables[i] == "outbox") continue;
        EXPECT_EQ(count(tables[i], acme), "0") << tables[i];
        EXPECT_EQ(count(tables[i], other), before[i]) << tables[i];
    }
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants"), "1");
    EXPECT_EQ(list_actions("acme").front(), "alice tenant.purge");
    Tenant again;
    again.id = acme;
    again.name = "Acme";
    EXPECT_TRUE(refusal_of([&](Tx& tx) { insert_tenant(tx, again); }).starts_with("conflict: "));
}

TEST_P(PurgeTest, ALargeTenantGoesInPiecesAndIsNotRestoredBetweenThem) {
    run_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) "
        "INSERT INTO users (tenant_id, id, username, username_folded, full_name, full_name_folded, status, "
        "metadata, version, created_at, created_by, updated_at, updated_by) "
        "SELECT 'acme', 'u' || i, 'u' || i, 'u' || i, '', '', 'active', '{}', 1, 1, 'x', 1, 'x' FROM n");
    write([&](Tx& tx) { return delete_tenant(tx, *find_tenant(tx, acme)); });
    clock().advance(std::chrono::hours(1));
    EXPECT_EQ(write([&](Tx& tx) { return purge_tenants(tx, clock().now()); }), limits::purge_rows);
    EXPECT_EQ(count("users", acme), "1501");
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_tenant(tx, acme); }),
              "not-found: There is no deleted tenant acme.");
    EXPECT_EQ(purge_all(purge_tenants), 3);
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants WHERE id = 'acme'"), "0");
}

TEST_P(PurgeTest, AnAppOrUserTakesAlongWhatIsItsOwn) {
    fill(acme);
    fill(other);
    write([&](Tx& tx) {
        delete_app(tx, acme, *find_app(tx, acme, AppId::trusted("a")));
        delete_user(tx, acme, *find_user(tx, acme, UserId::trusted("u")));
    });
    EXPECT_EQ(purge_all(purge_apps), 2);
    for (const char* table :
         {"apps", "branches", "policies", "invitations", "memberships", "trusted_publishers"})
        EXPECT_EQ(count(table, acme), "0") << table;
    EXPECT_EQ(count("keys", acme), "1") << "the user's own";
    EXPECT_EQ(purge_all(purge_users), 2);
    for (const char* table : {"keys", "sessions", "refresh_tokens", "user_credentials", "recovery_codes",
                              "reset_links", "user_roles", "user_identities", "web_logins"})
        EXPECT_EQ(count(table, acme), "0") << table;
    EXPECT_EQ(count("users", acme), "1") << "the owner";
    EXPECT_EQ(count("users", other), "2");
    EXPECT_EQ(count("keys", other), "2");
    User again = make_user("again");
    again.id = UserId::trusted("u");
    EXPECT_EQ(refusal_of([&](Tx& tx) { identity::insert_user(tx, acme, again); }),
              "conflict: There is, or was, a user with the id u; choose another id.");
    write([&](Tx& tx) {
        return identity::insert_user(tx, other, [&] {
            User user = again;
            user.id = UserId::trusted("w");
            return user;
        }());
    });
}

TEST_P(PurgeTest, ABranchGoesAlone) {
    fill(acme);
    const AppId app = AppId::trusted("a");
    const BranchId id = BranchId::trusted("b");
    write([&](Tx& tx) { return delete_branch(tx, acme, app, *find_branch(tx, acme, app, id)); });
    run_sql("UPDATE roles SET deleted_at = 1, deleted_by = 'x'");
    run_sql("UPDATE policies SET deleted_at = 1, deleted_by = 'x'");
    run_sql("UPDATE user_identities SET deleted_at = 1, deleted_by = 'x'");
    EXPECT_EQ(purge_all(purge_branches), 2);
    EXPECT_EQ(write([&](Tx& tx) { return purge_roles(tx, clock().now()); }), 1);
    EXPECT_EQ(write([&](Tx& tx) { return purge_policies(tx, clock().now()); }), 1);
    EXPECT_EQ(write([&](Tx& tx) { return purge_user_identities(tx, clock().now()); }), 1);
    Branch again;
    again.id = id;
    again.code = again.name = "New";
    EXPECT_TRUE(refusal_of([&](Tx& tx) { insert_branch(tx, acme, app, again); }).starts_with("conflict: "));
}

}  // namespace
}  // namespace lodestone::identity
