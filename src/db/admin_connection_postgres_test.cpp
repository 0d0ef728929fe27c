// The administrator's connection to a PostgreSQL that falls silent: every call ends, in bounded time and with
// a failure that its caller can wait out.
#include "db/admin_connection.hpp"

#include <gtest/gtest.h>

#include "db/failure.hpp"
#include "db/migrate/migrator.hpp"
#include "support/postgres.hpp"

namespace lodestone::db {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class PostgresAdminTest : public test::PostgresTest {
  protected:
    void SetUp() override {
        test::PostgresTest::SetUp();
        if (!IsSkipped()) server_.emplace();
    }
    template <class Call>
    static std::optional<Failure> failure_of(Call call) {
        try {
            call();
        } catch (const DatabaseError& error) {
            return error.failure();
        }
        return std::nullopt;
    }
    std::optional<test::PostgresServer> server_;
};

TEST_F(PostgresAdminTest, GivesUpOnASilentServer) {
    constexpr milliseconds patience{200};
    const auto asking = open_postgres_admin(server_->url(), patience);
    const auto describing = open_postgres_admin(server_->url(), patience);
    const auto migrating = open_postgres_admin(server_->url(), patience);
    asking->run("BEGIN");
    server_->pause();
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(failure_of([&] { asking->list_rows("SELECT 1"); }), Failure::unavailable);
    asking->roll_back();
    EXPECT_EQ(failure_of([&] { asking->run("SELECT 1"); }), Failure::unavailable) << "and stays so";
    EXPECT_EQ(failure_of([&] { describing->describe("SELECT 1", {}); }), Failure::unavailable);
    EXPECT_EQ(failure_of([&] { migrate_up(*migrating); }), Failure::unavailable);
    const auto taken = std::chrono::steady_clock::now() - start;
    EXPECT_GE(taken, 3 * patience);
    EXPECT_LT(taken, seconds(20));
    server_->resume();
    EXPECT_EQ(failure_of([&] { asking->run("SELECT 1"); }), Failure::unavailable)
        << "the late answer is not taken for another's";
    EXPECT_EQ(open_postgres_admin(server_->url(), seconds(10))->list_rows("SELECT 7").at(0).at(0), "7");
}

TEST_F(PostgresAdminTest, GivesUpInTheMiddleOfALargeStatement) {
    const auto admin = open_postgres_admin(server_->url(), milliseconds(200));
    server_->pause();
    const std::string large = "SELECT '" + std::string(8'000'000, 'x') + "'";
    EXPECT_EQ(failure_of([&] { admin->run(large); }), Failure::unavailable);
    server_->resume();
}

TEST_F(PostgresAdminTest, HasThePatienceItWasGiven) {
    const auto admin = open_postgres_admin(server_->url(), milliseconds(300));
    admin->set_patience(seconds(30));
    EXPECT_EQ(failure_of([&] { admin->run("SELECT pg_sleep(0.6)"); }), std::nullopt);
    EXPECT_EQ(failure_of([&] { admin->run("SELECT nothing"); }), Failure::statement);
    admin->set_patience(std::nullopt);
    EXPECT_EQ(failure_of([&] { admin->run("SELECT pg_sleep(30)"); }), Failure::unavailable);
}

}  // namespace
}  // namespace lodestone::db
