// Many rows with one statement, on every database: every kind of value arrives as it left.
#include "db/bulk.hpp"

#include <gtest/gtest.h>

#include <boost/describe/class.hpp>

#include "support/databases.hpp"

namespace lodestone::db {
namespace {

struct Measure {
    std::string id;
    std::optional<std::string> text;
    std::int64_t integer = 0;
    double real = 0;
    bool boolean = false;
    bool operator==(const Measure&) const = default;
};
BOOST_DESCRIBE_STRUCT(Measure, (), (id, text, integer, real, boolean))

const BulkCommand<Measure> insert_all{
    "test.measure.insert_all",
    {"INSERT INTO measures (id, text, integer, real, boolean) SELECT id, text, integer, real, boolean "
     "FROM json_to_recordset($1::json) AS measure(id text, text text, integer bigint, real double precision, "
     "                                            boolean boolean)",
     "INSERT INTO measures (id, text, integer, real, boolean) "
     "SELECT value->>'id', value->>'text', value->>'integer', value->>'real', value->>'boolean' "
     "FROM json_each($1)"}};

const BulkCommand<Measure> update_all{
    "test.measure.update_all",
    {"UPDATE measures SET text = measure.text, integer = measure.integer "
     "FROM json_to_recordset($1::json) AS measure(id text, text text, integer bigint) WHERE measures.id = "
     "measure.id",
     "UPDATE measures SET text = value->>'text', integer = value->>'integer' "
     "FROM json_each($1) WHERE measures.id = value->>'id'"}};

const Query<Measure> list_all{"test.measure.list",
                              "SELECT id, text, integer, real, boolean FROM measures ORDER BY id"};

class BulkTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped()) return;
        run_sql(
            GetParam() == EngineKind::sqlite
                ? "CREATE TABLE measures (id TEXT PRIMARY KEY, text TEXT, integer INTEGER, real REAL, "
                  "boolean "
                  "INTEGER) STRICT"
                : "CREATE TABLE measures (id text COLLATE \"C\" PRIMARY KEY, text text, integer bigint, real "
                  "double precision, boolean boolean)");
    }
    std::int64_t insert(const std::vector<Measure>& measures) {
        return write([&](Tx& tx) { return run_bulk<Measure>(tx, insert_all, measures); });
    }
    std::vector<Measure> list() {
        return read([](Tx& tx) { return tx.all(list_all); });
    }
};
INSTANTIATE_ON_EVERY_DATABASE(BulkTest);

TEST_P(BulkTest, EveryValueArrivesAsItLeft) {
    const std::vector<Measure> measures{
        {.id = "1", .text = std::nullopt, .integer = std::numeric_limits<std::int64_t>::min(), .real = 0.1},
        {.id = "2", .text = "", .integer = std::numeric_limits<std::int64_t>::max(), .real = -1e300},
        {.id = "3", .text = "quote \" backslash \\ \\u0041 newline \n tab \t \x01 \x7F", .real = 5e-324},
        {.id = "4",
         .text = "東京 🦀 \u2028 \u202E",
         .integer = 9'007'199'254'740'993,
         .real = 3,
         .boolean = true},
        {.id = "5", .text = "null"},
    };
    EXPECT_EQ(insert(measures), 5);
    EXPECT_EQ(list(), measures);
}

TEST_P(BulkTest, ThousandsGoInInPieces) {
    std::vector<Measure> measures(2 * limits::bulk_rows + 1);
    for (std::size_t i = 0; i < measures.size(); ++i) measures[i].id = std::to_string(100'000 + i);
    EXPECT_EQ(insert(measures), static_cast<std::int64_t>(measures.size()));
    for (Measure& measure : measures) measure.text = "changed";
    measures[7].id = "unknown";
    EXPECT_EQ(write([&](Tx& tx) { return run_bulk<Measure>(tx, update_all, measures); }),
              static_cast<std::int64_t>(measures.size() - 1));
    EXPECT_EQ(run_sql("SELECT count(*) FROM measures WHERE text = 'changed'"),
              std::to_string(measures.size() - 1));
}

TEST_P(BulkTest, LongRowsGoInInSmallerPieces) {
    std::vector<Measure> measures(6);
    for (std::size_t i = 0; i < measures.size(); ++i)
        measures[i] = {.id = std::to_string(i), .text = std::string(limits::bulk_bytes / 2, 'x')};
    EXPECT_EQ(insert(measures), 6);
}

TEST_P(BulkTest, NothingIsNothing) {
    EXPECT_EQ(insert({}), 0);
}

TEST_P(BulkTest, WhatIsNoTextIsRefused) {
    for (const std::string& text : {std::string("a\0b", 3), std::string("\xC3\x28")})
        EXPECT_EQ(refusal_of([&](Tx& tx) {
                      run_bulk<Measure>(tx, insert_all, std::vector<Measure>{{.id = "1", .text = text}});
                  }),
                  "invalid-input: A text holds bytes that are not UTF-8, or a NUL character.");
    EXPECT_TRUE(list().empty());
}

TEST_P(BulkTest, OneBadRowSpoilsThemAll) {
    EXPECT_FALSE(refusal_of([&](Tx& tx) {
                     run_bulk<Measure>(tx, insert_all, std::vector<Measure>{{.id = "1"}, {.id = "1"}});
                 }).empty());
    EXPECT_TRUE(list().empty());
}

}  // namespace
}  // namespace lodestone::db
