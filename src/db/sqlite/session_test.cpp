// The verbs on SQLite, and values at the edges of their types.
#include <gtest/gtest.h>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <cmath>
#include <limits>

#include "support/sqlite_database.hpp"

namespace lodestone::db {
namespace {

enum class Colour { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Thing {
    std::int64_t id = 0;
    std::string name;
    std::optional<double> weight;
    std::optional<bool> is_round;
    std::optional<Bytes> content;
    Colour colour = Colour::red;
    std::optional<Time> made_at;
    bool operator==(const Thing&) const = default;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (id, name, weight, is_round, content, colour, made_at))

constexpr const char* schema =
    "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, weight REAL, is_round INTEGER, "
    "content BLOB, colour TEXT, made_at INTEGER) STRICT;"
    "CREATE TABLE parts (thing INTEGER NOT NULL REFERENCES things, size INTEGER CHECK (size > 0)) STRICT;"
    "CREATE TABLE later (thing INTEGER REFERENCES things DEFERRABLE INITIALLY DEFERRED)";

// The parameters stand in another order than their numbers, which is the order SQLite would give them.
const Command<std::int64_t, std::string, std::optional<double>, std::optional<bool>, std::optional<Bytes>,
              Colour, std::optional<Time>>
    insert_thing{"test.thing.insert",
                 "INSERT INTO things (made_at, colour, content, is_round, weight, name, id) "
                 "VALUES ($7, $6, $5, $4, $3, $2, $1)"};
const Query<Thing, std::int64_t> find_thing{
    "test.thing.find",
    "SELECT name, id, weight, is_round, content, colour, made_at FROM things WHERE id = $1"};
const Query<std::string> list_names{"test.thing.names", "SELECT name FROM things ORDER BY id"};
const Query<std::int64_t> count_things{"test.thing.count", "SELECT count(*) FROM things"};
const Command<std::int64_t> delete_from{"test.thing.delete", "DELETE FROM things WHERE id >= $1"};
const Command<std::int64_t, std::int64_t> insert_part{"test.part.insert",
                                                      "INSERT INTO parts VALUES ($1, $2)"};
const Command<std::int64_t> insert_later{"test.later.insert", "INSERT INTO later VALUES ($1)"};
const Query<std::int64_t, std::string> insert_returning{
    "test.thing.insert_returning", "INSERT INTO things (name, colour) VALUES ($1, 'red') RETURNING id"};
const Query<double, double> same_real{"test.real", "SELECT CAST($1 AS REAL)"};
const Query<std::int64_t> text_as_integer{"test.wrong_column", "SELECT 'seven'"};
const Query<std::int64_t> null_as_integer{"test.null_column", "SELECT NULL"};
const Command<> nonsense{"test.nonsense", "INSERT INTO nowhere VALUES (1)"};
const Command<> two_statements{"test.two", "DELETE FROM parts; DELETE FROM things"};
const Command<std::int64_t> unused_parameter{"test.unused", "DELETE FROM parts"};
const Command<> add_column{"test.add_column", "ALTER TABLE things ADD COLUMN later TEXT"};

void insert(Tx& tx, const Thing& thing) {
    tx.run(insert_thing, thing.id, thing.name, thing.weight, thing.is_round, thing.content, thing.colour,
           thing.made_at);
}

class SqliteSessionTest : public testing::Test {
  protected:
    std::optional<Failure> failure_of_write(const std::function<void(Tx&)>& function) {
        auto done = database_.submit(WorkKind::write, function);
        return test::failure_of(done);
    }
    std::int64_t count() {
        return database_->read_now({}, [](Tx& tx) { return tx.one(count_things); });
    }

    test::SqliteDatabase database_{schema};
};

TEST_F(SqliteSessionTest, KeepsValuesAtTheEdges) {
    const std::string megabyte = std::string(1024 * 1024 - 2, 'x') + "\xc3\xa9";
    const Bytes bytes{std::byte{0}, std::byte{255}, std::byte{0}};
    const auto now = Time{std::chrono::microseconds{1'800'000'000'123'456}};
    const double infinity = std::numeric_limits<double>::infinity();
    const Thing things[] = {
        {std::numeric_limits<std::int64_t>::min(), "", {}, {}, {}, Colour::red, {}},
        {std::numeric_limits<std::int64_t>::max(), megabyte, infinity, true, bytes, Colour::green, now},
        {-1, "\xf0\x9f\x8c\x8d \xd7\xa9\xd7\x9c e\xcc\x81 \xef\xbf\xbd", -infinity, false, Bytes{},
         Colour::green, Time::min()},
        {1, "'; DROP TABLE things; --", std::numeric_limits<double>::denorm_min(), true,
         Bytes(1024 * 1024, std::byte{7}), Colour::red, Time::max()},
        {2, "two", -0.0, false, {}, Colour::red, {}},
        {3, "three", std::numeric_limits<double>::max(), false, {}, Colour::red, {}},
    };
    for (const Thing& thing : things) {
        database_->write_now({}, [&](Tx& tx) { insert(tx, thing); });
        const auto found = database_->read_now({}, [&](Tx& tx) { return tx.maybe(find_thing, thing.id); });
        EXPECT_TRUE(found == thing) << thing.id << " came back differently";
    }
    EXPECT_EQ(count(), 6);
}

TEST_F(SqliteSessionTest, AnswersWithNoneOneOrAll) {
    EXPECT_EQ(database_->read_now({}, [](Tx& tx) { return tx.maybe(find_thing, 7); }), std::nullopt);
    const auto id = database_->write_now({}, [](Tx& tx) { return tx.one(insert_returning, "one"); });
    database_->write_now({}, [](Tx& tx) { tx.send(insert_thing, 9, "nine", {}, {}, {}, Colour::red, {}); });
    const auto names = database_->read_now({}, [](Tx& tx) { return tx.all(list_names); });
    EXPECT_EQ(id, 1);
    EXPECT_EQ(names, (std::vector<std::string>{"one", "nine"}));
}

TEST_F(SqliteSessionTest, CountsTheRowsTouched) {
    database_->write_now({}, [](Tx& tx) {
        insert(tx, {.id = 1, .name = "a"});
        insert(tx, {.id = 2, .name = "b"});
        EXPECT_EQ(tx.run(delete_from, 1), 2);
        EXPECT_EQ(tx.run(delete_from, 1), 0) << "not the count of the statement before";
        insert(tx, {.id = 3, .name = "c"});
        EXPECT_EQ(tx.run(add_column), 0) << "a statement that touches no rows";
    });
    EXPECT_EQ(count(), 1);
}

TEST_F(SqliteSessionTest, TellsFailuresApart) {
    database_->write_now({}, [](Tx& tx) { insert(tx, {.id = 1, .name = "a"}); });
    const struct {
        const char* what;
        Failure failure;
        std::function<void(Tx&)> function;
    } cases[] = {
        {"same key", Failure::unique, [](Tx& tx) { insert(tx, {.id = 1, .name = "b"}); }},
        {"same name", Failure::unique, [](Tx& tx) { insert(tx, {.id = 2, .name = "a"}); }},
        {"no such thing", Failure::reference, [](Tx& tx) { tx.run(insert_part, 77, 1); }},
        {"still referred to", Failure::reference,
         [](Tx& tx) {
             tx.run(insert_part, 1, 1);
             tx.run(delete_from, 1);
         }},
        {"no such thing at the end", Failure::reference, [](Tx& tx) { tx.run(insert_later, 77); }},
        {"check", Failure::rule, [](Tx& tx) { tx.run(insert_part, 1, 0); }},
        {"no such table", Failure::statement, [](Tx& tx) { tx.run(nonsense); }},
        {"two statements", Failure::statement, [](Tx& tx) { tx.run(two_statements); }},
        {"no place for a value", Failure::statement, [](Tx& tx) { tx.run(unused_parameter, 1); }},
        {"not a number", Failure::wrong_value, [](Tx& tx) { tx.one(same_real, std::nan("")); }},
        {"another kind", Failure::statement, [](Tx& tx) { tx.one(text_as_integer); }},
        {"null", Failure::statement, [](Tx& tx) { tx.one(null_as_integer); }},
    };
    for (const auto& [what, failure, function] : cases) {
        EXPECT_EQ(failure_of_write(function), failure) << what;
        EXPECT_EQ(count(), 1) << what;
    }
    EXPECT_EQ(database_.ask("SELECT count(*) FROM parts"), "0");
}

TEST_F(SqliteSessionTest, RefusesTextThatIsNone) {
    for (const std::string& text :
         {std::string("a\0b", 3), std::string("\xff"), std::string("\xed\xa0\x80")}) {
        EXPECT_THROW(database_->write_now({}, [&](Tx& tx) { insert(tx, {.id = 1, .name = text}); }), Problem);
    }
    EXPECT_EQ(count(), 0);
}

TEST_F(SqliteSessionTest, WritesNothingInARead) {
    auto done = database_.submit(WorkKind::read, [](Tx& tx) { insert(tx, {.id = 1, .name = "a"}); });
    EXPECT_EQ(test::failure_of(done), Failure::statement) << "our mistake, and no word about the disk";
    EXPECT_EQ(count(), 0);
}

// PostgreSQL ends the transaction with its first failure; so do we, or tests here would prove nothing there.
TEST_F(SqliteSessionTest, GoesOnAfterNoFailure) {
    std::optional<Failure> second;
    const auto first = failure_of_write([&second](Tx& tx) {
        insert(tx, {.id = 1, .name = "a"});
        try {
            insert(tx, {.id = 1, .name = "b"});
        } catch (const DatabaseError&) {
        }
        try {
            insert(tx, {.id = 3, .name = "c"});
        } catch (const DatabaseError& error) {
            second = error.failure();
        }
    });
    EXPECT_EQ(first, Failure::unique);
    EXPECT_EQ(second, Failure::unique);
    EXPECT_EQ(count(), 0);
}

TEST_F(SqliteSessionTest, ForgetsStatementsOfAnOldSchema) {
    EXPECT_EQ(count(), 0);
    database_.ask(
        "DROP TABLE parts; DROP TABLE later; ALTER TABLE things RENAME TO old_things;"
        "CREATE TABLE things (id INTEGER PRIMARY KEY, extra TEXT, name TEXT);"
        "INSERT INTO things VALUES (1, 'x', 'new')");
    database_.engine().forget_statements();
    EXPECT_EQ(count(), 1);
    EXPECT_EQ(database_->read_now({}, [](Tx& tx) { return tx.all(list_names); }),
              std::vector<std::string>{"new"});
}

TEST_F(SqliteSessionTest, CountsAndTimesStatements) {
    count();
    count();
    const std::string page = database_.metrics().render();
    EXPECT_NE(page.find("lodestone_db_statements_total{engine=\"sqlite\",statement=\"test.thing.count\"} 2"),
              std::string::npos)
        << page;
    EXPECT_NE(page.find("lodestone_db_statement_seconds_total{engine=\"sqlite\",statement="),
              std::string::npos);
    EXPECT_EQ(page.find("lodestone_db_statement_seconds_total{engine=\"sqlite\",statement=\"test.thing."
                        "count\"} 0\n"),
              std::string::npos)
        << page;
}

}  // namespace
}  // namespace lodestone::db
