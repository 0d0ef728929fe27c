// The test server itself: what tests of the engine rely on it to do.
#include <gtest/gtest.h>

#include "support/postgres.hpp"

namespace lodestone::db {

namespace {

class PostgresSupport : public test::PostgresTest {};

TEST_F(PostgresSupport, GivesEachTestAnEmptyDatabase) {
    test::PostgresDatabase first;
    test::PostgresDatabase second;
    first.run("CREATE TABLE here (id int)");
    EXPECT_EQ(first.run("SELECT count(*) FROM pg_tables WHERE tablename = 'here'"), "1");
    EXPECT_EQ(second.run("SELECT count(*) FROM pg_tables WHERE tablename = 'here'"), "0");
    EXPECT_EQ(first.run("SHOW server_encoding"), "UTF8");
}

TEST_F(PostgresSupport, SurvivesBeingKilled) {
    test::PostgresServer server;
    test::PostgresDatabase database(server);
    database.run("CREATE TABLE here AS SELECT 7 AS id");
    server.kill();
    EXPECT_THROW(database.run("SELECT 1"), std::runtime_error);
    server.start();
    EXPECT_EQ(database.run("SELECT id FROM here"), "7");
    server.pause();
    server.resume();
    EXPECT_EQ(database.run("SELECT id FROM here"), "7");
    server.stop();
    EXPECT_THROW(database.run("SELECT 1"), std::runtime_error);
}

TEST_F(PostgresSupport, ListensOnTcpWhenAsked) {
    test::PostgresServer server({.has_tcp = true, .settings = {"max_connections = 9"}});
    EXPECT_EQ(test::PostgresClient(server.tcp_url()).run("SHOW max_connections"), "9");
}

}  // namespace

}  // namespace lodestone::db
