// Search on every database: what is found, in which order, and what is not found any more.
#include "packages/search.hpp"

#include <gtest/gtest.h>

#include "packages/purge.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;

class SearchTest : public test::WithPackages {
  protected:
    Published publish_about(const std::string& name, std::optional<std::string> description,
                            std::optional<std::vector<std::string>> keywords = std::nullopt) {
        const std::string version = std::to_string(++versions_);
        Publication wanted = describe(name, version, "a", version);
        wanted.summary.description = std::move(description);
        wanted.summary.keywords = std::move(keywords);
        return publish(wanted, version);
    }
    static Search search_for(const std::string& typed) {
        db::ListRequest request;
        request.filters = {{"q", typed}};
        return Search(request);
    }
    db::Page<FoundPackage> find_page(const std::string& typed, const std::string& cursor = {},
                                     std::int64_t limit = limits::page_rows, bool goes_by_id = false) {
        const Search search = search_for(typed);
        return read([&](Tx& tx) {
            std::vector<RepositoryId> ids;
            for (const SearchedRepository& one :
                 list_searched_repositories(tx, acme, search, SearchedAmong::all))
                ids.push_back(one.id);
            const SearchPoint start = search_start(acme, search, {.sort = {}, .cursor = cursor});
            db::Page<FoundPackage> page{.items = search_packages(tx, acme, search, ids, start, limit + 1),
                                        .next = {}};
            if (static_cast<std::int64_t>(page.items.size()) <= limit) return page;
            page.items.pop_back();
            const FoundPackage& last = page.items.back();
            page.next = render_search_point(acme, search,
                                            {.place = goes_by_id ? "" : last.place, .id = last.id.text()});
            return page;
        });
    }
    // Names, in their order.
    std::string find(const std::string& typed) {
        std::string names;
        for (const FoundPackage& one : find_page(typed).items) names += (names.empty() ? "" : " ") + one.name;
        return names;
    }
    std::size_t count_repositories(const std::string& typed, SearchedAmong among = SearchedAmong::all) {
        const Search search = search_for(typed);
        return read([&](Tx& tx) { return list_searched_repositories(tx, acme, search, among).size(); });
    }

    int versions_ = 0;
};
INSTANTIATE_ON_EVERY_DATABASE(SearchTest);

TEST_P(SearchTest, FindsByTheBeginningsOfWords) {
    publish_about("left-pad", "Pads a text on its left", {{"string", "Padding"}});
    publish_about("right-pad", "The other side");
    EXPECT_EQ(find("left"), "left-pad");
    EXPECT_EQ(find("pad"), "left-pad right-pad");
    EXPECT_EQ(find("PA le"), "left-pad") << "all words, in any order";
    EXPECT_EQ(find("paddi"), "left-pad") << "by a keyword";
    EXPECT_EQ(find("other"), "right-pad") << "by its description";
    EXPECT_EQ(find("eft"), "") << "not from within a word";
    EXPECT_EQ(find("left other"), "");
    EXPECT_EQ(find(""), "");
}

TEST_P(SearchTest, OrdersByWhereItWasFound) {
    publish_about("zoo", "About a tool");
    publish_about("aardvark", "Digs", {{"tool"}});
    publish_about("my-tool", "Mine");
    publish_about("tool-box", "Many");
    publish_about("tool", "One");
    publish_about("toolbar", "Above");
    EXPECT_EQ(find("tool"), "tool tool-box toolbar my-tool aardvark zoo");
    EXPECT_EQ(find("tool box"), "tool-box");
}

TEST_P(SearchTest, ComesInPages) {
    std::string all;
    for (char c = 'a'; c <= 'k'; ++c) {
        publish_about(std::string("tool-") + c, "One of many");
        all += (all.empty() ? "" : " ") + std::string("tool-") + c;
    }
    publish_about("other", "A tool");
    all += " other";
    std::string found;
    std::string cursor;
    int pages = 0;
    do {
        const auto page = find_page("tool", cursor, 5);
        for (const FoundPackage& one : page.items) found += (found.empty() ? "" : " ") + one.name;
        cursor = page.next;
        ++pages;
    } while (!cursor.empty());
    EXPECT_EQ(found, all);
    EXPECT_EQ(pages, 3);
    std::string again;
    do {
        const auto page = find_page("tool", cursor, 5, true);
        for (const FoundPackage& one : page.items) again += (again.empty() ? "" : " ") + one.name;
        cursor = page.next;
    } while (!cursor.empty());
    EXPECT_EQ(again, all) << "cursors that say no name";
    const std::string behind_one = find_page("tool", {}, 5, true).next;
    write(
        [&](Tx& tx) { return delete_package(tx, removing(), *find_package_by_key(tx, place(), "tool-e")); });
    EXPECT_TRUE(refusal_of([&](Tx&) {
                    find_page("tool", behind_one, 5);
                }).starts_with("invalid-input: The list has changed"))
        << "it does not begin anew";
    const std::string next = find_page("tool", {}, 5).next;
    EXPECT_TRUE(refusal_of([&](Tx&) {
                    search_start(acme, search_for("other"), {.sort = {}, .limit = {}, .cursor = next});
                }).starts_with("invalid-input: The cursor belongs to another list"));
}

TEST_P(SearchTest, FollowsWhatIsPublished) {
    publish_about("tool", "First words");
    EXPECT_EQ(find("first"), "tool");
    publish_about("tool", std::nullopt);
    EXPECT_EQ(find("first"), "tool") << "it says nothing of them";
    publish_about("tool", "Second words");
    EXPECT_EQ(find("first"), "");
    EXPECT_EQ(find("second words"), "tool");
    publish_about("tool", std::nullopt, {{"Drill"}});
    EXPECT_EQ(find("drill second"), "tool");
    // Refused: nothing of it is found.
    Publication refused = describe("saw", "1", "a", "1");
    refused.summary.description = "Cuts";
    refused.tags = {"1"};
    EXPECT_NE(refusal_of_publishing(refused, "1"), "");
    EXPECT_EQ(find("cuts"), "");
}

TEST_P(SearchTest, FindsNothingThatIsDeleted) {
    const Published tool = publish_about("tool", "Words");
    write([&](Tx& tx) { return delete_package(tx, removing(), *find_package_by_key(tx, place(), "tool")); });
    EXPECT_EQ(find("words"), "");
    write([&](Tx& tx) { return restore_package(tx, removing(), tool.package.id); });
    EXPECT_EQ(find("words"), "tool");
    write([&](Tx& tx) { return delete_package(tx, removing(), *find_package_by_key(tx, place(), "tool")); });
    clock().advance(std::chrono::hours(1));
    while (write([&](Tx& tx) { return purge_versions(tx, clock().now()); }) > 0) {
    }
    while (write([&](Tx& tx) { return purge_packages(tx, clock().now()); }) > 0) {
    }
    EXPECT_EQ(run_sql("SELECT count(*) FROM packages") + run_sql("SELECT count(*) FROM package_words"), "00");
}

TEST_P(SearchTest, GoesWithItsRepository) {
    publish_about("tool", "Words");
    repository_ = make_repository("other");
    publish_about("tool", "Words");
    EXPECT_EQ(count_repositories("words"), 2);
    EXPECT_EQ(count_repositories("words", SearchedAmong::what_is_public), 0);
    write([&](Tx& tx) { return delete_repository(tx, acme, *find_repository(tx, acme, repository_->id)); });
    EXPECT_EQ(count_repositories("words"), 1);
    clock().advance(std::chrono::hours(1));
    while (write([&](Tx& tx) { return purge_repositories(tx, clock().now()); }) > 0) {
    }
    EXPECT_EQ(find("words"), "tool");
    EXPECT_EQ(run_sql("SELECT count(*) FROM package_words"), "1");
}

TEST_P(SearchTest, OtherTenantsAreNotThere) {
    publish_about("tool", "Words");
    const Search search = search_for("words");
    EXPECT_TRUE(read([&](Tx& tx) {
                    return list_searched_repositories(tx, other, search, SearchedAmong::all);
                }).empty());
    const std::vector<RepositoryId> ids{repository_->id};
    EXPECT_TRUE(read([&](Tx& tx) { return search_packages(tx, other, search, ids, {}, 9); }).empty());
}

// Each is what an engine's query language has a meaning for, or once broke somebody's.
TEST_P(SearchTest, WhatIsTypedIsNoQueryLanguage) {
    publish_about("near", "Between and or not here");
    for (const char* typed : {"\"",
                              "'",
                              "\"\"\"",
                              "''",
                              "*",
                              "-",
                              "--",
                              "(",
                              ")",
                              "((",
                              "NEAR",
                              "NEAR(",
                              "near(a b, 5)",
                              "AND",
                              "OR",
                              "NOT",
                              "and not or",
                              "near AND",
                              "near OR",
                              "name:near",
                              "words : near",
                              "{name words}: near",
                              "^near",
                              "near*",
                              "*near",
                              "-near",
                              "near -here",
                              "+near",
                              "!near",
                              "near & !here",
                              "near <-> or",
                              "near:*",
                              "near:A",
                              "'near':*",
                              "\\",
                              "\\'",
                              "$1",
                              "?",
                              "%",
                              "_",
                              "; DROP TABLE packages",
                              "@61636d65",
                              "\xF0\x9F\x92\xA9",
                              "\u202Enear\u202C",
                              "a\u0301",
                              "画像",
                              "\xEF\xBF\xBE"})
        EXPECT_NO_THROW(find(typed)) << typed;
    EXPECT_EQ(find("NEAR"), "near");
    EXPECT_EQ(find("near*"), "near");
    EXPECT_EQ(find("\"near\" -here"), "near");
    EXPECT_EQ(find("and not"), "near");
    EXPECT_EQ(find("near nothing"), "");
    EXPECT_EQ(find("@61636d65"), "") << "the tenant's own word cannot be asked for";
    EXPECT_EQ(find("%"), "");
}

TEST_P(SearchTest, TakesWordsOfAnyLength) {
    const std::string word(3'000, 'x');
    publish_about("long", word + " " + std::string(500, '!') + " end");
    EXPECT_EQ(find("xxx"), "long");
    EXPECT_EQ(find(std::string(400, 'x')), "long") << "both are cut";
    EXPECT_EQ(find("end"), "long");
    std::string many;
    for (int i = 0; i < 5'000; ++i) many += "w" + std::to_string(i) + " ";
    publish_about("many", many);
    EXPECT_EQ(find("w7"), "many");
    std::string asked;
    for (int i = 0; i < 33; ++i) asked += "w" + std::to_string(i) + " ";
    EXPECT_EQ(refusal_of([&](Tx&) { search_for(asked); }),
              "invalid-input: The query's parameter q has too many words: 32 are the most.");
}

}  // namespace
}  // namespace lodestone::packages
