// Statements that fit a schema, and each way in which they may not.
#include "db/check_statements.hpp"

#include <gmock/gmock.h>

#include <boost/describe/class.hpp>

#include "db/query.hpp"
#include "support/migrations.hpp"

namespace lodestone::db {
namespace {

struct Thing {
    std::string name;
    std::int64_t size = 0;
    bool is_good = false;
    std::optional<std::int64_t> gone_at;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (name, size, is_good, gone_at))

class CheckStatementsTest : public test::BothEngines {
  protected:
    void SetUp() override {
        test::BothEngines::SetUp();
        if (IsSkipped()) return;
        admin_ = open();
        admin_->run(
            is_postgres()
                ? "CREATE TABLE things (name text NOT NULL, size bigint NOT NULL, is_good boolean NOT "
                  "NULL, gone_at bigint)"
                : "CREATE TABLE things (name TEXT NOT NULL, size INTEGER NOT NULL, is_good INTEGER NOT "
                  "NULL, gone_at INTEGER) STRICT");
    }
    std::string fault_of(const Statement& statement) {
        const Statement* const statements[] = {&statement};
        const auto faults = check_statements(*admin_, statements);
        return faults.empty() ? "" : faults.front().sentence;
    }
    std::unique_ptr<AdminConnection> admin_;
};

// Made when a test runs, so that no other test of this program finds them among all statements in vain.
TEST_P(CheckStatementsTest, FindsWhatDoesNotFit) {
    EXPECT_EQ(fault_of(Query<Thing, std::string>(
                  "t", "SELECT name, size, is_good, gone_at FROM things WHERE name = $1")),
              "");
    EXPECT_EQ(fault_of(Query<Thing>("t", "SELECT gone_at, is_good, size, name, 1 AS more FROM things")), "");
    EXPECT_EQ(fault_of(Command<std::string>("t", "DELETE FROM things WHERE name = $1")), "");
    EXPECT_EQ(fault_of(Query<std::int64_t>("t", "SELECT count(*) FROM things")), "");
    EXPECT_THAT(fault_of(Query<Thing>("t", "SELECT name FROM nothings")), ::testing::HasSubstr("nothings"));
    EXPECT_EQ(fault_of(Query<Thing>("t", "SELECT name, size, gone_at FROM things")), "has no column is_good");
    EXPECT_EQ(fault_of(Query<std::int64_t>("t", "SELECT name FROM things")),
              "column name is a text, and an integer is wanted");
    EXPECT_EQ(fault_of(Query<std::int64_t>("t", "SELECT gone_at FROM things")),
              "column gone_at may be null, and nothing is there to hold that");
    EXPECT_EQ(fault_of(Query<std::optional<std::int64_t>>("t", "SELECT gone_at FROM things")), "");
    EXPECT_EQ(fault_of(Query<std::string>("t", "SELECT name, name FROM things")),
              "answers with 2 columns where one value is wanted");
    if (is_postgres())
        EXPECT_EQ(fault_of(Query<std::int64_t>("t", "SELECT 1::int AS x")),
                  "column x has a type that is none of ours; cast it");
}

INSTANTIATE_TEST_SUITE_P(On, CheckStatementsTest, ::testing::Values(EngineKind::sqlite, EngineKind::postgres),
                         test::engine_name);

}  // namespace
}  // namespace lodestone::db
