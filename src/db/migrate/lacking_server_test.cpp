// Migrating on servers that speak PostgreSQL's language and can do less: a real PostgreSQL whose word is not
// taken, as `database.lacks` has it.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <thread>

#include "db/migrate/drift.hpp"
#include "db/migrate/migrator.hpp"
#include "support/migrations.hpp"

namespace lodestone::db {
namespace {

using test::refusal_of;
using ::testing::HasSubstr;

class LackingServer : public test::PostgresTest {
  protected:
    std::unique_ptr<AdminConnection> open(const Lacks& lacks = {}) {
        if (!database_) database_.emplace(EngineKind::postgres);
        return database_->open(lacks);
    }
    static MigrationSet make_set(const std::vector<MigrationFile>& files) {
        return make_migration_set(files, EngineKind::postgres);
    }

    const Lacks no_locks_{Capability::advisory_locks};
    const MigrationFile table_{"0001_things.up.sql", "CREATE TABLE things (id bigint PRIMARY KEY);\n"};

  private:
    std::optional<test::EmptyDatabase> database_;
};

TEST_F(LackingServer, IsBelievedWhatTheOperatorDoesNotDeny) {
    const Capabilities all = open()->capabilities();
    EXPECT_TRUE(all.has_advisory_locks && all.has_listen && all.has_transactional_ddl);
    const Capabilities some = open({Capability::listen, Capability::transactional_ddl})->capabilities();
    EXPECT_TRUE(some.has_advisory_locks);
    EXPECT_FALSE(some.has_listen || some.has_transactional_ddl);
    EXPECT_FALSE(open(no_locks_)->capabilities().has_advisory_locks);
}

// Both find it empty, and make the table of the leases first of all.
TEST_F(LackingServer, TwoThatBeginAtOnceMakeOneSchema) {
    const Lacks no_ddl{Capability::advisory_locks, Capability::transactional_ddl};
    const MigrationSet& set = embedded_migrations(EngineKind::postgres);
    for (const Lacks& lacks : {no_locks_, no_locks_, no_locks_, no_ddl, no_ddl}) {
        const test::EmptyDatabase database(EngineKind::postgres);
        std::barrier at_once(2);
        std::array<std::size_t, 2> made{};
        std::array<std::thread, 2> nodes;
        for (std::size_t node = 0; node < nodes.size(); ++node)
            nodes.at(node) = std::thread([&, node] {
                const auto admin = database.open(lacks);
                at_once.arrive_and_wait();
                EXPECT_EQ(refusal_of([&] { made.at(node) = Migrator(*admin, set).up().size(); }), "");
            });
        for (std::thread& node : nodes) node.join();
        EXPECT_EQ(std::ranges::count(made, 0u), 1) << "one did everything, the other waited";
        const auto admin = database.open({});
        EXPECT_TRUE(read_schema_state(*admin, set).is_current());
        EXPECT_EQ(admin->list_rows("SELECT count(*) FROM schema_lock")[0][0], "0") << "nobody holds it";
        EXPECT_TRUE(find_drift(*admin, set).is_empty());
    }
}

// As where a server's DDL is no part of its transactions: what is done is done, and noted.
TEST_F(LackingServer, RunsByStatementWhereDdlIsNotTransactional) {
    const auto by_statement = [this] { return open({Capability::transactional_ddl}); };
    const std::string begin = "CREATE TABLE more (id bigint PRIMARY KEY);\nINSERT INTO more VALUES (1);\n";
    const MigrationSet wrong =
        make_set({table_, {"0002_more.up.sql", begin + "ALTER TABLE nothing ADD x bigint;\n"}});
    EXPECT_THAT(refusal_of([&] { Migrator(*by_statement(), wrong).up(); }),
                HasSubstr("0002_more.up.sql:3 failed"));
    const SchemaState state = read_schema_state(*open(), wrong);
    EXPECT_EQ(state.version(), 1);
    ASSERT_TRUE(state.unfinished.has_value());
    EXPECT_EQ(state.unfinished->statement_index, 2);
    open()->run("CREATE TABLE nothing (id bigint)");
    EXPECT_EQ(refusal_of([&] { Migrator(*by_statement(), wrong).up(); }), "");
    EXPECT_TRUE(read_schema_state(*open(), wrong).is_current());
    EXPECT_EQ(open()->list_rows("SELECT count(*) FROM more")[0][0], "1") << "no statement ran twice";
}

TEST_F(LackingServer, ALeaseStandsInWhereThereAreNoLocks) {
    const Pause no_pause = [](auto) {};
    const auto first = open(no_locks_), second = open(no_locks_);
    const auto try_second = [&] {
        return refusal_of([&] { const MigrationLock lock(*second, std::chrono::seconds(1), no_pause); });
    };
    {
        const MigrationLock lock(*first, std::chrono::seconds(1), no_pause);
        EXPECT_THAT(try_second(), HasSubstr("'lodestone "));
        EXPECT_THAT(try_second(), HasSubstr("until 20"));
        EXPECT_EQ(first->list_rows("SELECT count(*) FROM schema_lock")[0][0], "1");
    }
    EXPECT_EQ(try_second(), "");
    // One whose holder has died ends by itself, and what the dead one does later takes nothing from another.
    const MigrationLock dead(*first, std::chrono::seconds(1), no_pause);
    EXPECT_NE(try_second(), "");
    first->run("UPDATE schema_lock SET ends_at = 0");
    EXPECT_EQ(try_second(), "");
}

// The lease begins anew with each statement, and drift knows its table.
TEST_F(LackingServer, ALeaseIsRenewedWhileItsHolderWorks) {
    const MigrationSet set =
        make_set({table_,
                  {"0002_two.up.sql",
                   "-- lodestone: no-transaction\n-- lodestone: statement-timeout 120min\n"
                   "UPDATE schema_lock SET ends_at = 1;\n"  // its time is over, and nobody has taken it
                   "CREATE TABLE seen AS SELECT ends_at > extract(epoch FROM now() + interval '2 hours') * "
                   "1000000 AS is_new "
                   "FROM schema_lock;\n"}});
    Migrator(*open(no_locks_), make_set({table_})).up();
    EXPECT_EQ(open()->list_rows("SELECT count(*) FROM schema_lock")[0][0], "0");
    EXPECT_THAT(find_drift(*open(), make_set({table_})).surplus, ::testing::IsEmpty());
    Migrator(*open(no_locks_), set).up();
    EXPECT_EQ(open()->list_rows("SELECT is_new FROM seen")[0][0], "1")
        << "beyond the statement's own time-out";
}

TEST_F(LackingServer, WhoHasLostTheLeaseCommitsNothing) {
    const MigrationSet set =
        make_set({table_, {"0002_taken.up.sql", "UPDATE schema_lock SET holder = 'another';\n"}});
    const std::string fault = refusal_of([&] { Migrator(*open(no_locks_), set).up(); });
    EXPECT_THAT(fault, HasSubstr("another one migrates the database now"));
    EXPECT_EQ(read_schema_state(*open(), set).version(), 1);
}

}  // namespace
}  // namespace lodestone::db
