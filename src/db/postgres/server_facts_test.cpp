// What is believed of a server, by version strings as such servers gave them.
#include "db/postgres/server_facts.hpp"

#include <gtest/gtest.h>

namespace lodestone::db {

namespace {

TEST(ServerFacts, PostgresCanDoEverything) {
    const ServerFacts facts = read_server(
        {"PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian "
         "12.2.0-14+deb12u1) 12.2.0, 64-bit",
         "15.18 (Debian 15.18-0+deb12u1)", "t", "f"});
    EXPECT_EQ(facts.name, "PostgreSQL 15.18");
    EXPECT_TRUE(facts.capabilities.has_advisory_locks);
    EXPECT_TRUE(facts.capabilities.has_listen);
    EXPECT_TRUE(facts.capabilities.has_transactional_ddl);
}

TEST(ServerFacts, CitusIsPostgres) {
    const ServerFacts facts =
        read_server({"PostgreSQL 16.2 (Debian 16.2-1.pgdg120+2) on x86_64-pc-linux-gnu", "16.2", "t", "t"});
    EXPECT_EQ(facts.name, "PostgreSQL with Citus 16.2");
    EXPECT_TRUE(facts.capabilities.has_advisory_locks);
    EXPECT_TRUE(facts.capabilities.has_listen);
}

TEST(ServerFacts, CockroachHasNeitherLocksNorNotifications) {
    const ServerFacts facts =
        read_server({"CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu, built 2023/09/27 01:53:43, go1.19.10)",
                     "13.0.0", "t", "f"});
    EXPECT_EQ(facts.name, "CockroachDB CCL v23.1.11");
    EXPECT_FALSE(facts.capabilities.has_advisory_locks);
    EXPECT_FALSE(facts.capabilities.has_listen);
    EXPECT_FALSE(facts.capabilities.has_transactional_ddl);
}

TEST(ServerFacts, YugabyteHasLocksSinceItHasThem) {
    const auto of = [](const std::string& release) {
        return read_server({"PostgreSQL 11.2-YB-" + release + " on x86_64-pc-linux-gnu, compiled by clang",
                            "11.2-YB-" + release, "t", "f"});
    };
    EXPECT_EQ(of("2.20.1.0-b0").name, "YugabyteDB 11.2-YB-2.20.1.0-b0");
    EXPECT_FALSE(of("2.20.1.0-b0").capabilities.has_advisory_locks);
    EXPECT_FALSE(of("2.9.0.0-b0").capabilities.has_advisory_locks);
    EXPECT_TRUE(of("2.25.2.0-b359").capabilities.has_advisory_locks);
    EXPECT_TRUE(of("2025.1.0.0-b0").capabilities.has_advisory_locks);
    EXPECT_FALSE(of("2025.1.0.0-b0").capabilities.has_listen);
}

}  // namespace

}  // namespace lodestone::db
