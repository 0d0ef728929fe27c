// What the migration for described packages makes of what is there: first publications from the rows that are
// left, traits from the facts of images.
#include <gtest/gtest.h>

#include <string>

#include "db/migrate/migrator.hpp"
#include "support/migrations.hpp"

namespace lodestone::packages {
namespace {

class DescribedPackagesMigrationTest : public test::BothEngines {
  protected:
    void SetUp() override {
        BothEngines::SetUp();
        if (IsSkipped()) return;
        admin_ = open();
        migrate_to(18);
        admin_->run(
            "INSERT INTO tenants (id, name, name_folded, status, domain, metadata, version, created_at, "
            "created_by, updated_at, updated_by) "
            "VALUES ('acme', 'Acme', 'acme', 'active', NULL, '{}', 1, 1, 'x', 1, 'x')");
        admin_->run(
            "INSERT INTO apps (tenant_id, id, name, name_folded, type, status, config, metadata, version, "
            "created_at, created_by, updated_at, updated_by) "
            "VALUES ('acme', 'a', 'A', 'a', 'web', 'active', '{}', '{}', 1, 1, 'x', 1, 'x')");
        admin_->run(
            "INSERT INTO repositories (tenant_id, id, app_id, number, name, format, kind, visibility, "
            "description, settings, metadata, version, created_at, created_by, updated_at, updated_by) "
            "VALUES ('acme', 'r', 'a', 1, 'images', 'oci', 'hosted', 'private', '', '{}', '{}', 1, 1, 'x', "
            "1, "
            "'x')");
    }
    void migrate_to(std::int64_t version) {
        db::Migrator(*admin_, db::embedded_migrations(engine())).to(version);
    }
    void insert_package(const std::string& id, int number, int created_at) {
        const std::string n = std::to_string(number);
        admin_->run(
            "INSERT INTO packages (tenant_id, repository_id, id, number, name, name_key, description, "
            "keywords, metadata, version, created_at, created_by, updated_at, updated_by) VALUES "
            "('acme', 'r', '" +
            id + "', " + n + ", '" + id + "', '" + id + "', '', '[]', '{}', 1, " +
            std::to_string(created_at) + ", 'x', 1, 'x')");
        admin_->run(is_postgres() ? "INSERT INTO package_words VALUES ('acme', " + n + ", '" + id +
                                        "', '', array_to_tsvector(ARRAY['@61636d65', '" + id + "']))"
                                  : "INSERT INTO package_words (rowid, name, keywords, words) VALUES (" + n +
                                        ", '" + id + "', '', '@61636d65 " + id + "')");
    }
    void insert_version(int number, const std::string& key, int published_at, const std::string& facts,
                        const std::string& deleted_at = "NULL") {
        const std::string n = std::to_string(number);
        admin_->run(
            "INSERT INTO versions (tenant_id, repository_id, package_id, id, number, name, name_key, state, "
            "yank_reason, deprecation, size_bytes, file_count, facts, metadata, published_at, published_by, "
            "version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by) "
            "VALUES ('acme', 'r', 'web', 'v" +
            n + "', " + n + ", '" + key + "', '" + key + "', 'published', '', '', 1, 1, '" + facts +
            "', '{}', " + std::to_string(published_at) + ", 'x', 1, 1, 'x', 1, 'x', " + deleted_at +
            (deleted_at == "NULL" ? ", NULL)" : ", 'x')"));
    }
    void bury(const std::string& package, const std::string& version, int removed_at) {
        admin_->run(
            "INSERT INTO tombstones (tenant_id, repository_id, package_key, version_key, file_name, sha256, "
            "removed_at, removed_by, reason) VALUES ('acme', 'r', '" +
            package + "', '" + version + "', 'f', " + (is_postgres() ? "''" : "x''") + ", " +
            std::to_string(removed_at) + ", 'x', '')");
    }
    void note_type(const std::string& version, const std::string& type) {
        admin_->run("INSERT INTO properties VALUES ('acme', 'r', 'web', '" + version +
                    "', 'oci.artifact_type', '" + type + "')");
    }
    // All rows, one after the other.
    std::string rows(const std::string& sql) {
        std::string all;
        for (const db::TextRow& row : admin_->list_rows(sql)) {
            if (!all.empty()) all += "; ";
            for (std::size_t i = 0; i < row.size(); ++i) all += (i > 0 ? " " : "") + row[i].value_or("-");
        }
        return all;
    }

    std::unique_ptr<db::AdminConnection> admin_;
};
INSTANTIATE_TEST_SUITE_P(Engines, DescribedPackagesMigrationTest,
                         ::testing::Values(db::EngineKind::sqlite, db::EngineKind::postgres),
                         test::engine_name);

TEST_P(DescribedPackagesMigrationTest, KnowsFirstPublicationsFromWhatIsLeft) {
    insert_package("web", 1, 100);
    insert_package("late", 2, 200);
    insert_version(1, "1", 100, "{}");
    insert_version(2, "2", 150, "{}", "160");
    insert_version(3, "2", 170, "{}");
    bury("web", "2", 160);
    bury("web", "0", 90);
    bury("late", "0", 80);
    migrate_to(20);
    EXPECT_EQ(rows("SELECT id, first_published_at FROM versions ORDER BY id"), "v1 100; v2 150; v3 150");
    EXPECT_EQ(rows("SELECT id, first_published_at FROM packages ORDER BY id"), "late 80; web 90");
    EXPECT_EQ(rows("SELECT package_key, version_key, version_published_at, package_published_at "
                   "FROM tombstones ORDER BY package_key, version_key"),
              "late 0 80 80; web 0 90 90; web 2 150 90");
    migrate_to(18);
    migrate_to(20);
    EXPECT_EQ(rows("SELECT id, first_published_at FROM packages ORDER BY id"), "late 80; web 90");
}

TEST_P(DescribedPackagesMigrationTest, ReadsTraitsOfImagesFromTheirFacts) {
    insert_package("web", 1, 100);
    insert_version(1, "1", 100,
                   R"({"platforms":[{"os":"linux","architecture":"arm64","variant":"v8"},)"
                   R"({"os":"unknown","architecture":"unknown"},)"
                   R"({"os":"linux","architecture":"amd64","os_version":"1"},)"
                   R"({"os":"linux","architecture":"amd64","os_version":"2"}]})");
    insert_version(2, "2", 150, R"({"platforms":[{"os":"windows","architecture":"amd64"}]})", "160");
    insert_version(3, "3", 150,
                   R"({"subject":{"digest":"x"},"platforms":[{"os":"plan9","architecture":"amd64"}]})");
    insert_version(4, "4", 150, R"({"labels":{"a":"\u0000"},"platforms":[]})");
    note_type("v1", "application/vnd.oci.image.config.v1+json");
    note_type("v3", "application/vnd.example.signature");
    note_type("v4", "application/vnd.example.policy");
    migrate_to(20);
    EXPECT_EQ(rows("SELECT traits FROM packages"),
              R"(["application/vnd.example.policy","linux/amd64","linux/arm64/v8"])");
    EXPECT_EQ(rows("SELECT version_id, name FROM properties WHERE name LIKE '%trait:%' ORDER BY name"),
              "v2 lost-trait:windows/amd64; v4 trait:application/vnd.example.policy; v1 trait:linux/amd64; "
              "v1 trait:linux/arm64/v8");
    EXPECT_EQ(rows(is_postgres() ? "SELECT number FROM package_words "
                                   "WHERE words @@ CAST('''linux'':* & ''arm64'':* & ''web''' AS tsquery)"
                                 : "SELECT rowid FROM package_words "
                                   "WHERE package_words MATCH '\"linux\" * AND \"arm64\" * AND \"web\"'"),
              "1");
    migrate_to(18);
    EXPECT_EQ(rows("SELECT count(*) FROM properties"), "3");
}

}  // namespace
}  // namespace lodestone::packages
