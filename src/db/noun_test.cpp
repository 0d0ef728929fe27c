// What all nouns share, tried on a noun of the test's own: names, metadata, lists of changed fields.
#include "db/noun.hpp"

#include <gtest/gtest.h>

#include <boost/describe/enum.hpp>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/changed_fields.hpp"

namespace lodestone::db {
namespace {

enum class Colour : std::uint8_t { red, green };
BOOST_DESCRIBE_ENUM(Colour, red, green)

struct Thing : Noun {
    Id<Thing> id;
    std::string name;
    Colour colour = Colour::red;
    std::int64_t weight = 0;
    std::optional<bool> is_round;
    double height = 0;
    Bytes picture;
    Secret<std::string> password;
    std::optional<Secret<std::string>> token;
};
BOOST_DESCRIBE_STRUCT(Thing, (Noun), (id, name, colour, weight, is_round, height, picture, password, token))

std::string fault_of(const std::string& name) {
    return find_problem([&] { check_name("thing", name); }).value_or("");
}

TEST(Noun, NamesMayBeInAnyScript) {
    for (const std::string& name :
         {std::string("a"), std::string("Acme & Co. (2)"), std::string("Ünïcode 東京 مكة 🦀"),
          std::string("e\u0301"), std::string("'; DROP TABLE things; --"), std::string(200, 'n')})
        EXPECT_EQ(fault_of(name), "") << name;
}

TEST(Noun, NamesCannotLookLikeOthers) {
    const std::pair<std::string, std::string> cases[] = {
        {"", "cannot be empty."},
        {std::string(limits::name_bytes + 1, 'n'), "is too long: 200 bytes of UTF-8 is the most."},
        {"a\xC3", "is not UTF-8."},
        {std::string("a\0b", 3), "holds a character that cannot be seen."},
        {"a\nb", "holds a character that cannot be seen."},
        {"a\u200Bb", "holds a character that cannot be seen."},
        {"a\u202Eb", "holds a character that cannot be seen."},
        {"\uFEFFa", "holds a character that cannot be seen."},
        {"a\uFE0Fb", "holds a character that cannot be seen."},
        {"a\u034Fb", "holds a character that cannot be seen."},
        {"a\u3164b", "holds a character that cannot be seen."},
        {"a\U000E0100", "holds a character that cannot be seen."},
        {"a\U000E0041", "holds a character that cannot be seen."},
        {"a\U0010FFFF", "holds a character that cannot be seen."},
        {" a", "begins with a space, or holds two in a row."},
        {"a \u00A0b", "begins with a space, or holds two in a row."},
        {" ", "begins with a space, or holds two in a row."},
        {"a ", "ends with a space."},
        {"a\u3000", "ends with a space."},
    };
    for (const auto& [name, fault] : cases) EXPECT_EQ(fault_of(name), "The name of a thing " + fault);
}

TEST(Noun, MetadataIsAJsonObject) {
    check_metadata("{}");
    check_metadata(R"({"a": [1, {"b": null}], "\u0041": "東京"})");
    check_metadata("{\"a\":\"" + std::string(limits::metadata_bytes - 8, 'a') + "\"}");
    const std::string deep = "{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}";
    for (const std::string& wrong :
         {std::string(), std::string("null"), std::string("[]"), std::string("\"a\""), std::string("{"),
          std::string("{} {}"), std::string("{'a':1}"), std::string("{\"a\":\"\xFF\"}"), deep})
        EXPECT_THROW(check_metadata(wrong), Problem) << wrong;
    EXPECT_THROW(check_metadata("{\"a\":\"" + std::string(limits::metadata_bytes - 7, 'a') + "\"}"), Problem);
}

TEST(ChangedFields, TellsWhatBecameWhat) {
    Thing before;
    before.name = "a \"quoted\" name";
    Thing after = before;
    after.name = "東京\n";
    after.colour = Colour::green;
    after.weight = std::numeric_limits<std::int64_t>::min();
    after.is_round = false;
    after.height = 0.1;
    EXPECT_EQ(render_changes(before, after),
              R"({"name":{"from":"a \"quoted\" name","to":"東京\n"},"colour":{"from":"red","to":"green"},)"
              R"("weight":{"from":0,"to":-9223372036854775808},"is_round":{"from":null,"to":false},)"
              R"("height":{"from":0,"to":0.1}})");
    EXPECT_EQ(render_changes(after, after), "{}");
}

TEST(ChangedFields, LeavesOutWhatEveryNounHas) {
    Thing before;
    Thing after;
    after.id = Id<Thing>::trusted("1");
    after.version = 7;
    after.updated_by = "bob";
    after.deleted_at = Time::max();
    EXPECT_EQ(render_changes(before, after), "{}");
}

TEST(ChangedFields, TellsNoSecrets) {
    Thing before;
    before.password = {"old-secret"};
    Thing after;
    after.password = {"new-secret"};
    after.token = {"new-token"};
    EXPECT_EQ(render_changes(before, after), R"({"password":{"changed":true},"token":{"changed":true}})");
    EXPECT_EQ(render_changes(after, Thing{}), R"({"password":{"changed":true},"token":{"changed":true}})");
}

TEST(ChangedFields, TellsTheSizeOfWhatIsLong) {
    Thing before;
    Thing after;
    after.name = std::string(limits::audited_value_bytes + 1, 'n');
    after.picture = Bytes(3);
    EXPECT_EQ(
        render_changes(before, after),
        R"({"name":{"from":"","to":{"size_bytes":1025}},"picture":{"from":{"size_bytes":0},"to":{"size_bytes":3}}})");
}

TEST(ChangedFields, RefusesWhatIsNoText) {
    Thing after;
    after.name = std::string("a\0b", 3);
    EXPECT_THROW(render_changes(Thing{}, after), Problem);
}

}  // namespace
}  // namespace lodestone::db
