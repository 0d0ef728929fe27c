// What an input struct takes and how it refuses the rest; what an answer looks like.
#include "api/json_structs.hpp"

#include <gtest/gtest.h>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "api/json_body.hpp"
#include "api/shared_members.hpp"
#include "base/problem.hpp"
#include "base/tenant_id.hpp"
#include "db/secret.hpp"

namespace lodestone::api {

enum class Colour : std::uint8_t { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Spot {
    Number<0, 9> x;
    std::optional<bool> is_round;
};
BOOST_DESCRIBE_STRUCT(Spot, (), (x, is_round))

struct Shape {
    Text<8> name;
    Colour colour{};
    std::vector<Spot> spots;
    std::optional<TenantId> tenant;
    Clearable<Text<8>> note;
    std::optional<Time> until;
    std::optional<JsonObject> extra;
};
BOOST_DESCRIBE_STRUCT(Shape, (), (name, colour, spots, tenant, note, until, extra))

struct StoredShape {
    TenantId tenant;
    std::string name = "before";
    Colour colour{};
    std::optional<std::string> note = "before";
    std::string extra = "{}";
    db::Secret<std::string> secret{"hidden"};
    bool is_admin = false;
    Time until{};
};
BOOST_DESCRIBE_STRUCT(StoredShape, (), (tenant, name, colour, note, extra, secret, is_admin, until))

struct ShapeChange {
    std::optional<Text<8>> name;
    Clearable<Text<8>> note;
    std::optional<JsonObject> extra;
};
BOOST_DESCRIBE_STRUCT(ShapeChange, (), (name, note, extra))

struct ShapeView {
    TenantId tenant;
    std::string name;
    Colour colour{};
    std::optional<std::string> note;
    JsonObject extra;
    Time until;
};
BOOST_DESCRIBE_STRUCT(ShapeView, (), (tenant, name, colour, note, extra, until))

namespace {

template <class Input>
std::vector<std::string> faults_of(std::string_view text) {
    try {
        read_input<Input>(parse_json_body(text));
    } catch (const Problem& problem) {
        EXPECT_EQ(problem.kind().code, "invalid-input");
        std::vector<std::string> faults;
        for (const FieldFault& fault : problem.faults())
            faults.push_back(fault.pointer + ": " + fault.detail);
        EXPECT_TRUE(problem.detail().find(problem.faults().front().detail) != std::string::npos);
        return faults;
    }
    return {};
}

using Faults = std::vector<std::string>;

TEST(JsonStructs, TakesWhatFits) {
    const auto shape = read_input<Shape>(parse_json_body(
        R"({"name":"disc","colour":"green","spots":[{"x":9},{"x":0,"is_round":true}],"tenant":"acme",)"
        R"("note":null,"until":"2027-01-15T09:00:00.5+01:00","extra":{"a":[1]}})"));
    EXPECT_EQ(shape.name.value, "disc");
    EXPECT_EQ(shape.colour, Colour::green);
    ASSERT_EQ(shape.spots.size(), 2u);
    EXPECT_EQ(shape.spots[0].x.value, 9);
    EXPECT_EQ(shape.spots[1].is_round, true);
    EXPECT_EQ(shape.tenant->text(), "acme");
    EXPECT_TRUE(shape.note.is_given);
    EXPECT_FALSE(shape.note.value.has_value());
    EXPECT_EQ(shape.until->time_since_epoch().count(), 1'800'000'000'500'000);
    EXPECT_EQ(shape.extra->text, R"({"a":[1]})");
}

TEST(JsonStructs, NamesEachFieldThatIsWrong) {
    EXPECT_EQ(faults_of<Shape>("[]"), (Faults{": It must be a JSON object."}));
    EXPECT_EQ(faults_of<Shape>("{}"),
              (Faults{"/name: It is missing.", "/colour: It is missing.", "/spots: It is missing."}));
    EXPECT_EQ(faults_of<Shape>(R"({"name":"","colour":"blue","spots":{}})"),
              (Faults{"/name: It cannot be empty.", "/colour: It must be one of: \"red\", \"green\".",
                      "/spots: It must be a list."}));
    EXPECT_EQ(faults_of<Shape>(R"({"name":"123456789","colour":1,"spots":[{"x":10},7,{"y":1}]})"),
              (Faults{"/name: It is too long: 8 bytes of UTF-8 are the most.",
                      "/colour: It must be one of: \"red\", \"green\".",
                      "/spots/0/x: It must be a whole number from 0 to 9.",
                      "/spots/1: It must be a JSON object.", "/spots/2/x: It is missing.",
                      "/spots/2/y: There is no such field; those that may be sent are: x, is_round."}));
    const std::string rest = R"("name":"a","colour":"red","spots":[])";
    EXPECT_EQ(faults_of<Shape>("{" + rest + R"(,"tenant":"../x","note":3,"until":"noon","extra":[]})"),
              (Faults{"/tenant: It must be an id: letters, digits and hyphens, the first no hyphen.",
                      "/note: It must be text.",
                      "/until: It must be a time as RFC 3339 has it: \"2027-01-15T08:00:00Z\".",
                      "/extra: It must be an object."}));
    EXPECT_EQ(faults_of<Shape>("{" + rest + R"(,"tenant":null})"),
              (Faults{"/tenant: It cannot be null; leave it out instead."}));
    EXPECT_EQ(faults_of<Shape>(R"({"name":"a\u0000b","colour":"red","spots":[]})"),
              (Faults{"/name: It holds a NUL character."}));
    EXPECT_EQ(faults_of<Spot>(R"({"x":1.0})"), (Faults{"/x: It must be a whole number from 0 to 9."}));
    EXPECT_EQ(faults_of<Spot>(R"({"x":18446744073709551615})"),
              (Faults{"/x: It must be a whole number from 0 to 9."}));
}

TEST(JsonStructs, TellsSomeOfManyFaultsAndHowManyThereAre) {
    std::string text = "{";
    for (int i = 0; i < 100; ++i) text += (i > 0 ? ",\"f" : "\"f") + std::to_string(i) + "\":1";
    try {
        read_input<ShapeChange>(parse_json_body(text + "}"));
        FAIL() << "there is no such field";
    } catch (const Problem& problem) {
        EXPECT_EQ(problem.faults().size(), limits::json_faults);
        EXPECT_NE(problem.detail().find("There are 100 faults in all"), std::string::npos)
            << problem.detail();
    }
    std::string items;
    for (std::size_t i = 0; i <= limits::json_items; ++i) items += i > 0 ? ",{}" : "{}";
    EXPECT_EQ(faults_of<Shape>(R"({"name":"a","colour":"red","spots":[)" + items + "]}").front(),
              "/spots: It is too long: 200 items are the most.");
}

// What a row has besides cannot be reached, however it is called.
TEST(JsonStructs, ChangesOnlyWhatTheInputLists) {
    EXPECT_EQ(faults_of<ShapeChange>(R"({"is_admin":true,"secret":"x"})").size(), 2u);
    StoredShape row;
    apply(read_input<ShapeChange>(parse_json_body("{}")), row);
    EXPECT_EQ(row.name, "before");
    EXPECT_EQ(row.note, "before");
    apply(read_input<ShapeChange>(parse_json_body(R"({"name":"after","note":null,"extra":{"a":1}})")), row);
    EXPECT_EQ(row.name, "after");
    EXPECT_EQ(row.note, std::nullopt);
    EXPECT_EQ(row.extra, R"({"a":1})");
    EXPECT_FALSE(row.is_admin);
}

TEST(JsonStructs, AnswersWithWhatTheViewLists) {
    StoredShape row;
    row.tenant = TenantId::trusted("acme");
    row.name = "a\"b\n";
    row.until = Time{std::chrono::seconds{1'800'000'000}};
    EXPECT_EQ(render_json(make_view<ShapeView>(row)),
              R"({"tenant":"acme","name":"a\"b\n","colour":"red","note":"before","extra":{},)"
              R"("until":"2027-01-15T08:00:00.000000Z"})");
    row.note.reset();
    EXPECT_NE(render_json(make_view<ShapeView>(row)).find(R"("note":null)"), std::string::npos);
}

// The types that may not cross.
static_assert(!Writable<db::Secret<std::string>> && !Writable<std::optional<db::Secret<std::string>>>);
static_assert(!Writable<SecretText> && !Readable<ShownOnce>);
static_assert(!Readable<std::string> && !Readable<std::int64_t> && !Readable<std::vector<std::string>>);

TEST(JsonStructs, DescribesItself) {
    SchemaBook book;
    EXPECT_EQ(JsonType<Spot>::schema(book), R"({"$ref":"#/components/schemas/Spot"})");
    EXPECT_EQ(book.schemas().at("Spot"),
              R"({"type":"object","properties":{"x":{"type":"integer","minimum":0,"maximum":9},)"
              R"("is_round":{"type":"boolean"}},"required":["x"],"additionalProperties":false})");
    book.direction = SchemaBook::Direction::output;
    JsonType<ShapeView>::schema(book);
    EXPECT_NE(book.schemas().at("ShapeView").find(R"("note":{"anyOf":[{"type":"string"},{"type":"null"}]})"),
              std::string::npos)
        << book.schemas().at("ShapeView");
}

}  // namespace
}  // namespace lodestone::api
