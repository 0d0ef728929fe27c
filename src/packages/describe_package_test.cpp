// Whose word counts about a package, on every database: people's, as long as they do not take it back.
#include "packages/describe_package.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "packages/text_list.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;
using Texts = std::vector<std::string>;

class DescribePackageTest : public test::WithPackages {
  protected:
    void publish_saying(std::optional<std::string> description, std::optional<Texts> keywords) {
        const std::string version = std::to_string(++versions_);
        Publication wanted = describe("tool", version, "a", version);
        wanted.summary.description = std::move(description);
        wanted.summary.keywords = std::move(keywords);
        publish(wanted, version);
    }
    Package find() {
        return read([&](Tx& tx) { return find_package_by_key(tx, place(), "tool"); }).value();
    }
    template <class Change>
    Package say(Change change) {
        Package package = find();
        change(package);
        return write([&](Tx& tx) {
            return describe_package(tx, {.tenant = acme, .repository = repository_}, package);
        });
    }
    template <class Change>
    std::string refusal_of_saying(Change change) {
        Package package = find();
        change(package);
        return refusal_of(
            [&](Tx& tx) { describe_package(tx, {.tenant = acme, .repository = repository_}, package); });
    }

    int versions_ = 0;
};
INSTANTIATE_ON_EVERY_DATABASE(DescribePackageTest);

TEST_P(DescribePackageTest, WhatPublicationsSayIsCut) {
    const std::string e = "\xc3\xa9";
    publish_saying(std::string(limits::description_bytes - 1, 'x') + e + e, std::nullopt);
    EXPECT_EQ(find().description, std::string(limits::description_bytes - 1, 'x'));
}

TEST_P(DescribePackageTest, PublicationsSayWhatPeopleDoNot) {
    publish_saying("First", Texts{"drill"});
    publish_saying("Second", std::nullopt);
    const Package package = find();
    EXPECT_EQ(package.description + package.keywords, R"(Second["drill"])") << "an absent one leaves it";
    EXPECT_FALSE(package.published_description || package.published_keywords);
}

TEST_P(DescribePackageTest, PeoplesWordStaysUntilTheyTakeItBack) {
    publish_saying("Published", Texts{"drill"});
    say([](Package& package) { set_description(package, "Ours"); });
    say([](Package& package) { set_keywords(package, Texts{"saw"}); });
    publish_saying("Published anew", Texts{"hammer"});
    Package package = find();
    EXPECT_EQ(package.description + package.keywords, R"(Ours["saw"])");
    EXPECT_EQ(*package.published_description + *package.published_keywords, R"(Published anew["hammer"])");
    EXPECT_TRUE(is_found("ours") && is_found("saw"));
    EXPECT_FALSE(is_found("published") || is_found("hammer") || is_found("drill"));
    say([](Package& again) { set_description(again, "Ours again"); });
    EXPECT_EQ(find().published_description, "Published anew") << "what lies behind it is no word of people";
    say([](Package& back) {
        set_description(back, std::nullopt);
        set_keywords(back, std::nullopt);
    });
    package = find();
    EXPECT_EQ(package.description + package.keywords, R"(Published anew["hammer"])");
    EXPECT_FALSE(package.published_description || package.published_keywords);
    EXPECT_TRUE(is_found("anew") && is_found("hammer"));
    EXPECT_FALSE(is_found("ours"));
    say([](Package& nothing) { set_description(nothing, std::nullopt); });
    EXPECT_EQ(find().description, "Published anew") << "there was nothing to take back";
    publish_saying("Third", std::nullopt);
    EXPECT_EQ(find().description, "Third");
}

TEST_P(DescribePackageTest, PeoplesWordIsNotLostAmongPublicationsAtOnce) {
    publish_saying("Published", std::nullopt);
    constexpr int many = 6;
    test::run_at_once(many, [&](int i) {
        const std::string bytes = "at once " + std::to_string(i);
        Publication wanted = describe("tool", bytes, "a", bytes);
        wanted.summary.description = "Published anew";
        if (i > 0) {
            publish(wanted, bytes);
            return;
        }
        write([&](Tx& tx) {
            Package package = find_package_by_key(tx, place(), "tool").value();
            set_description(package, "Ours");
            return describe_package(tx, {.tenant = acme, .repository = repository_}, std::move(package));
        });
    });
    EXPECT_EQ(find().description, "Ours");
    EXPECT_EQ(find().published_description, "Published anew");
}

TEST_P(DescribePackageTest, AnEmptyWordIsOne) {
    publish_saying("Published", Texts{"drill"});
    say([](Package& package) {
        set_description(package, "");
        set_keywords(package, Texts{});
    });
    publish_saying("Again", Texts{"saw"});
    EXPECT_EQ(find().description + find().keywords, "[]");
}

TEST_P(DescribePackageTest, IsInTheAuditLog) {
    publish_saying("Published", std::nullopt);
    const Package package = say([](Package& ours) {
        set_description(ours, "Ours");
        ours.metadata = R"({"team":"web"})";
    });
    EXPECT_EQ(package.version, 2);
    EXPECT_EQ(run_sql("SELECT details FROM audit WHERE action = 'package.update'"),
              R"({"description":{"from":"Published","to":"Ours"},)"
              R"("metadata":{"from":"{}","to":"{\"team\":\"web\"}"},"package":"tool",)"
              R"("published_description":{"from":null,"to":"Published"},"repository":"files"})");
    say([](Package&) {});
    EXPECT_EQ(list_actions(package.id.text()),
              (std::vector<std::string>{"alice package.update", "alice package.update"}));
}

TEST_P(DescribePackageTest, RefusesWhatNobodyCouldUse) {
    publish_saying("Published", Texts{"\u200b", std::string(limits::keyword_bytes + 1, 'x'), "b", "b"});
    EXPECT_EQ(find().keywords, "[\"\u200b\",\"b\"]");
    EXPECT_EQ(refusal_of_saying([](Package& package) { set_description(package, "Ours"); }), "")
        << "nobody answers for what was published";
    const auto refusal = [&](Texts keywords) {
        return refusal_of_saying([&](Package& package) { set_keywords(package, std::move(keywords)); });
    };
    EXPECT_EQ(refusal({"a", "b", "a"}), "invalid-input: The field keywords[2] repeats \"a\": leave it out.");
    EXPECT_EQ(refusal({" a"}),
              "invalid-input: The name of a keyword begins with a space, or holds two in a row.");
    EXPECT_EQ(refusal({std::string(limits::keyword_bytes + 1, 'x')}),
              "invalid-input: The field keywords[0] is too long: 100 bytes of UTF-8 are the most.");
    EXPECT_EQ(refusal(Texts(limits::package_keywords + 1, "a")),
              "invalid-input: The field keywords must have at most 50 items.");
    EXPECT_TRUE(refusal_of_saying([](Package& package) {
                    package.metadata = "[]";
                }).starts_with("invalid-input: The metadata is not a JSON object"));
    EXPECT_TRUE(
        refusal_of_saying([](Package& package) { --package.version; }).starts_with("precondition-failed: "));
}

TEST(TextList, ReadsWhatItWrote) {
    const Texts texts{"a", "\"b\"", "", "\n"};
    EXPECT_EQ(list_texts(render_text_list(texts)), texts);
    EXPECT_EQ(list_texts("x"), Texts{});
    EXPECT_EQ(list_texts(R"({"a":1})"), Texts{});
    EXPECT_EQ(list_texts(R"([1,"a"])"), Texts{"a"});
}

}  // namespace
}  // namespace lodestone::packages
