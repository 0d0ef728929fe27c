// Purging repositories on every database: all that they held goes, in pieces, also with their tenant or app,
// and nothing else.
#include "packages/purge.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "identity/nouns/purge.hpp"
#include "packages/repository.hpp"
#include "support/tenants.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;

constexpr Format known{.name = "generic", .title = "Generic", .routes = {}};
constexpr const Format* formats[] = {&known};

// Rows of every other table, for a repository "r" of number 1 in the tenant that stands for @.
constexpr const char* other_rows[] = {
    "INSERT INTO packages (tenant_id, repository_id, id, number, name, name_key, description, keywords, "
    "metadata, version, created_at, created_by, updated_at, updated_by) "
    "VALUES (@, 'r', 'p', 1, 'p', 'p', '', '[]', '{}', 1, 1, 'x', 1, 'x')",
    "INSERT INTO versions (tenant_id, repository_id, package_id, id, number, name, name_key, state, "
    "yank_reason, deprecation, size_bytes, file_count, facts, metadata, published_at, published_by, version, "
    "created_at, created_by, updated_at, updated_by) "
    "VALUES (@, 'r', 'p', 'v', 1, '1', '1', 'published', '', '', 1, 1, '{}', '{}', 1, 'x', 1, 1, 'x', 1, "
    "'x')",
    "INSERT INTO files (tenant_id, repository_id, package_id, version_id, name, blob_id, sha256, size_bytes, "
    "content_type, digests, metadata, created_at, created_by) "
    "VALUES (@, 'r', 'p', 'v', 'f', 1, #, 1, '', '{}', '{}', 1, 'x')",
    "INSERT INTO tags VALUES (@, 'r', 'p', 'latest', 'v', '1', 1, 'x')",
    "INSERT INTO properties VALUES (@, 'r', 'p', 'v', 'n', 'v')",
    "INSERT INTO package_blobs VALUES (@, 1, 1, 1, 1, 1)",
    "INSERT INTO tombstones VALUES (@, 'r', 'p', '0', 'f', #, 1, 'x', '', 1, 1)",
    "INSERT INTO downloads VALUES (@, 'r', 'p', 'v', 20000, 7)",
    "INSERT INTO download_totals VALUES (@, 'r', 'p', 'v', 7, 20000)",
    "INSERT INTO staged_publications VALUES (@, 'r', 's', 2, 'p', 'p', '2', '2', '[]', '{}', 1, 1, 1, 'x', "
    "2, "
    "'{}')",
};
constexpr const char* tables[] = {
    "repositories", "packages",         "versions",        "files",
    "tags",         "package_blobs",    "properties",      "tombstones",
    "downloads",    "repository_usage", "download_totals", "staged_publications"};

class RepositoryPurgeTest : public test::WithTenants {
  protected:
    void fill(const TenantId& tenant) {
        NewRepository made{.number = 1, .formats = formats};
        write([&](Tx& tx) {
            identity::App app = make_app("A");
            app.id = AppId::trusted("a");
            identity::insert_app(tx, tenant, app);
            made.repository.id = RepositoryId::trusted("r");
            made.repository.app_id = app.id;
            made.repository.name = "files";
            made.repository.format = "generic";
            insert_repository(tx, tenant, made);
        });
        for (std::string sql : other_rows) {
            for (std::size_t at = sql.find('@'); at != std::string::npos; at = sql.find('@'))
                sql.replace(at, 1, "'" + tenant.text() + "'");
            if (const std::size_t at = sql.find('#'); at != std::string::npos)
                sql.replace(at, 1, GetParam() == db::EngineKind::sqlite ? "x''" : "''");  // no bytes
            run_sql(sql);
        }
    }
    template <class Purge>
    void purge_all(Purge purge) {
        clock().advance(std::chrono::hours(1));
        for (std::int64_t done = 1; done > 0;) {
            done = write([&](Tx& tx) { return purge(tx, clock().now()); });
            EXPECT_LE(done, limits::purge_rows);
        }
    }
    void expect_only_of_other() {
        for (const char* table : tables) {
            EXPECT_EQ(run_sql(std::string("SELECT count(*) FROM ") + table + " WHERE tenant_id = 'acme'"),
                      "0")
                << table;
            EXPECT_EQ(run_sql(std::string("SELECT count(*) FROM ") + table), "1") << table;
        }
    }
};
INSTANTIATE_ON_EVERY_DATABASE(RepositoryPurgeTest);

TEST_P(RepositoryPurgeTest, TakesAlongWhatItHeld) {
    fill(acme);
    fill(other);
    purge_all(purge_repositories);
    for (const char* table : tables)
        EXPECT_EQ(run_sql(std::string("SELECT count(*) FROM ") + table), "2") << table << ", none deleted";
    write([&](Tx& tx) { delete_repository(tx, acme, *find_repository_by_name(tx, acme, "files")); });
    purge_all(purge_repositories);
    expect_only_of_other();
    EXPECT_EQ(list_actions("r").front(), "alice repository.purge");
}

TEST_P(RepositoryPurgeTest, WhatHasBegunToGoIsNotRestored) {
    fill(acme);
    write([&](Tx& tx) { delete_repository(tx, acme, *find_repository_by_name(tx, acme, "files")); });
    run_sql(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) "
        "INSERT INTO properties SELECT 'acme', 'r', 'p', 'v', 'n' || i, '' FROM n");
    clock().advance(std::chrono::hours(1));
    EXPECT_EQ(write([&](Tx& tx) { return purge_repositories(tx, clock().now()); }), limits::purge_rows);
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_repository(tx, acme, RepositoryId::trusted("r")); }),
              "not-found: There is no deleted repository r.");
    purge_all(purge_repositories);
    EXPECT_EQ(run_sql("SELECT count(*) FROM properties"), "0");
}

TEST_P(RepositoryPurgeTest, GoesWithItsApp) {
    fill(acme);
    fill(other);
    write(
        [&](Tx& tx) { identity::delete_app(tx, acme, *identity::find_app(tx, acme, AppId::trusted("a"))); });
    purge_all([](Tx& tx, Time end) { return identity::purge_apps(tx, end, app_purge_steps()); });
    expect_only_of_other();
    EXPECT_EQ(run_sql("SELECT count(*) FROM apps"), "1");
}

TEST_P(RepositoryPurgeTest, GoesWithItsTenant) {
    fill(acme);
    fill(other);
    write([&](Tx& tx) { identity::delete_tenant(tx, *identity::find_tenant(tx, acme)); });
    purge_all([](Tx& tx, Time end) { return identity::purge_tenants(tx, end, tenant_purge_steps()); });
    expect_only_of_other();
    EXPECT_EQ(run_sql("SELECT count(*) FROM tenants"), "1");
}

}  // namespace
}  // namespace lodestone::packages
