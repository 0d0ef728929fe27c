// Idempotency keys on both engines: what a key may be, who uses it up, and who is refused for it.
#include "db/unit.hpp"

#include "db/committed_units.hpp"

#include <gmock/gmock.h>

#include "support/databases.hpp"

namespace lodestone::db {
namespace {

using ::testing::HasSubstr;

const Command<std::string> insert_row{"test.unit.insert", "INSERT INTO test_rows (name) VALUES ($1)"};

class IdempotencyKey : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        test::OnEveryDatabase::SetUp();
        if (!IsSkipped()) run_sql("CREATE TABLE test_rows (name text PRIMARY KEY)");
    }
    // What a unit under `key` is refused with; it leaves a row named `name` behind.
    std::string write_under(const std::string& key, const std::string& name) {
        Unit unit;
        unit.idempotency_key = key;
        return refusal([&] { database().write_now(unit, [&](Tx& tx) { tx.run(insert_row, name); }); });
    }
    template <class Call>
    static std::string refusal(Call call) {
        try {
            call();
        } catch (const Problem& problem) {
            return std::string(problem.kind().code) + ": " + problem.detail() + " | " + problem.internal();
        }
        return {};
    }
    std::string counts() {
        return run_sql("SELECT count(*) FROM committed_units") + " keys, " +
               run_sql("SELECT count(*) FROM test_rows") + " rows";
    }
};
INSTANTIATE_ON_EVERY_DATABASE(IdempotencyKey);

TEST_P(IdempotencyKey, IsUsedUpByTheUnitThatCommits) {
    EXPECT_EQ(write_under("first", "row"), "");
    EXPECT_EQ(counts(), "1 keys, 1 rows");
    const std::string again = write_under("first", "row 2");
    EXPECT_THAT(again, HasSubstr("conflict: "));
    EXPECT_THAT(again, HasSubstr("| a unit of work was committed under this key before"));
    EXPECT_EQ(counts(), "1 keys, 1 rows");
    EXPECT_THAT(write_under("second", "row"), HasSubstr("conflict: ")) << "the row is there already";
    EXPECT_EQ(counts(), "1 keys, 1 rows") << "a unit that failed leaves its key free";
    EXPECT_EQ(write_under("second", "row 2"), "");
    EXPECT_EQ(counts(), "2 keys, 2 rows");
}

TEST_P(IdempotencyKey, IsUsedUpByAUnitThatChangesNothing) {
    Unit unit;
    unit.idempotency_key = "first";
    const auto nothing = [](Tx&) {};
    EXPECT_EQ(refusal([&] { database().write_now(unit, nothing); }), "");
    EXPECT_EQ(counts(), "1 keys, 0 rows");
    EXPECT_THAT(refusal([&] { database().write_now(unit, nothing); }), HasSubstr("conflict: "));
}

TEST_P(IdempotencyKey, IsForgottenAfterItsTime) {
    EXPECT_EQ(write_under("old", "a"), "");
    clock().advance(std::chrono::hours(25));
    EXPECT_EQ(write_under("new", "b"), "");
    const std::int64_t now = clock().now().time_since_epoch().count();
    run_sql("INSERT INTO committed_units (key, committed_at) VALUES ('old fence', -1), ('new fence', " +
            std::to_string(-now) + ")");
    const auto purge = [this] {
        return write(
            [this](Tx& tx) { return purge_committed_units(tx, clock().now() - std::chrono::hours(24)); });
    };
    EXPECT_EQ(purge(), 2);
    EXPECT_EQ(purge(), 0);
    EXPECT_EQ(run_sql("SELECT count(*) FROM committed_units WHERE key IN ('new', 'new fence')"), "2");
    EXPECT_EQ(write_under("old", "c"), "");
}

TEST_P(IdempotencyKey, IsShortUtf8WithoutNul) {
    const std::size_t most = limits::idempotency_key_bytes;
    EXPECT_EQ(write_under(std::string(most, 'k'), "a"), "");
    EXPECT_EQ(write_under("\xC3\xA4", "b"), "");
    EXPECT_EQ(write_under("", "c"), "") << "none at all";
    int count = 0;
    for (const std::string& key : {std::string(most + 1, 'k'), std::string("a\0b", 3), std::string("\0", 1),
                                   std::string("\xFF"), std::string("\xC3")}) {
        EXPECT_THAT(write_under(key, "d"), HasSubstr("invalid-input: An idempotency key has 1 to 128 bytes"));
        Unit unit;
        unit.idempotency_key = key;
        const auto run = [&count](Tx&) { ++count; };
        EXPECT_THAT(refusal([&] { database().read_now(unit, run); }), HasSubstr("invalid-input: "));
    }
    EXPECT_EQ(count, 0);
    EXPECT_EQ(counts(), "2 keys, 3 rows");
}

}  // namespace
}  // namespace lodestone::db
