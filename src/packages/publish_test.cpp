// Publishing on every database: what is there stays, what is counted is true, and of many who publish the
// same exactly one does.
#include "packages/publish.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "base/index_limits.hpp"
#include "packages/tag.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;

class PublishTest : public test::WithPackages {};
INSTANTIATE_ON_EVERY_DATABASE(PublishTest);

TEST_P(PublishTest, IsFoundAndCountedAndToldOf) {
    const Published one = publish("tool", "1.0", "tool.tar", "twelve bytes");
    EXPECT_TRUE(one.is_new_package && one.is_new_version);
    const auto found = fetch("tool", "1.0", "tool.tar");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->sha256, digests_of("twelve bytes").sha256);
    EXPECT_EQ(found->size_bytes, 12);
    EXPECT_EQ(found->content_type, "text/plain");
    EXPECT_FALSE(fetch("tool", "1.0", "other"));
    EXPECT_FALSE(fetch("Tool", "1.0", "tool.tar"));
    const Published two = publish("tool", "1.0", "tool.sig", "signature");
    EXPECT_FALSE(two.is_new_package || two.is_new_version);
    EXPECT_EQ(two.version.file_count, 2);
    EXPECT_EQ(two.version.size_bytes, 21);
    EXPECT_EQ(two.version.published_at, one.version.published_at);
    EXPECT_EQ(usage(), (Usage{.bytes = 21, .package_count = 1, .version_count = 1, .file_count = 2}));
    EXPECT_EQ(list_actions(one.version.id.text()),
              (std::vector<std::string>{"alice package.publish", "alice package.publish"}));
    EXPECT_EQ(run_sql("SELECT details FROM audit WHERE action = 'package.publish' ORDER BY id LIMIT 1"),
              R"({"files":1,"names":["tool.tar"],"package":"tool","replaced":0,"repository":"files",)"
              R"("version":"1.0"})");
}

TEST_P(PublishTest, TheSameBytesCountOnceInARepository) {
    publish("tool", "1.0", "a", "same");
    publish("tool", "1.0", "b", "same");
    publish("tool", "1.1", "a", "same");
    publish("else", "1.0", "a", "same");
    EXPECT_EQ(usage(), (Usage{.bytes = 4, .package_count = 2, .version_count = 3, .file_count = 4}));
    const auto first = repository_;
    repository_ = make_repository("more");
    publish("tool", "1.0", "a", "same");
    EXPECT_EQ(usage().bytes, 4);
    EXPECT_EQ(read([&](Tx& tx) { return find_tenant_bytes(tx, acme); }), 8);
    EXPECT_EQ(read([&](Tx& tx) { return find_app_bytes(tx, acme, app_.id); }), 8);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), "1");
}

TEST_P(PublishTest, WhatIsThereStays) {
    publish("tool", "1.0", "tool.tar", "first");
    const std::string sentence =
        "conflict: The file tool.tar of version 1.0 of tool is published already and stays as it is: publish "
        "another version.";
    for (const char* bytes : {"first", "second"})
        EXPECT_EQ(refusal_of_publishing(describe("tool", "1.0", "tool.tar", bytes), bytes), sentence);
    Publication whole = describe("tool", "1.0", "other", "third");
    whole.rule = PublishRule::whole;
    EXPECT_EQ(
        refusal_of_publishing(whole, "third"),
        "conflict: Version 1.0 of tool is published already and stays as it is: publish another version.");
    EXPECT_EQ(fetch("tool", "1.0", "tool.tar")->sha256, digests_of("first").sha256);
    EXPECT_EQ(usage().bytes, 5);
}

TEST_P(PublishTest, AnotherSpellingOfAFileIsNoOtherFile) {
    const auto spelled = [&](const char* file, const char* bytes) {
        Publication wanted = describe("tool", "1.0", file, bytes);
        wanted.fold_file = [](std::string_view name) { return std::string(name.substr(0, 4)); };
        return wanted;
    };
    publish(spelled("tool.tar", "first"), "first");
    EXPECT_EQ(refusal_of_publishing(spelled("tool.zip", "other"), "other"),
              "conflict: The file tool.tar of version 1.0 of tool is published already and stays as it is: "
              "publish another version.");
    publish(spelled("more.tar", "more"), "more");
    write([&](Tx& tx) {
        const Package package = need_package(tx, place(), "tool");
        delete_version_file(tx, removing(), package, need_version(tx, place_of(package), "1.0"), "tool.tar");
    });
    EXPECT_EQ(refusal_of_publishing(spelled("tool.zip", "other"), "other"),
              "conflict: Something else was published as tool.zip of tool 1.0, and removed: publish another "
              "version.");
    publish(spelled("tool.zip", "first"), "first");
    EXPECT_TRUE(fetch("tool", "1.0", "tool.zip"));
}

TEST_P(PublishTest, WhatReplacesAFileSaysNothingOfTheFormerOne) {
    repository_ = make_repository("nightly", R"({"overwrite":"allowed"})");
    Publication first = describe("tool", "1.0", "a", "first");
    first.fragments = {{.kind = "index", .name = "a", .body = "1"},
                       {.kind = "proof", .name = "a", .body = "1"}};
    const Published published = publish(first, "first");
    Publication other = describe("tool", "1.0", "b", "b");
    other.fragments = {{.kind = "index", .name = "b", .body = "b"}};
    publish(other, "b");
    Publication second = describe("tool", "1.0", "a", "second");
    second.fragments = {{.kind = "index", .name = "a", .body = "2"}};
    publish(second, "second");
    const VersionPlace version{place_of(published.package), published.version.id};
    EXPECT_EQ(read([&](Tx& tx) { return list_fragments_of(tx, version); }),
              (std::vector<Fragment>{second.fragments[0], other.fragments[0]}));
}

// Whoever may publish keeps nobody from reading what is there.
TEST_P(PublishTest, SaysNoMoreThanAnIndexShows) {
    Publication first = describe("tool", "1.0", "a", "first");
    first.fragments = {{.kind = "index", .name = "a", .body = "1"}};
    publish(first, "first");
    const bool is_sqlite = database().engine().kind() == db::EngineKind::sqlite;
    const std::string most = is_sqlite ? "hex(zeroblob(134217728))" : "repeat('x', 268435456)";
    run_sql("UPDATE fragments SET body = " + most);
    Publication second = describe("tool", "2.0", "a", "second");
    second.fragments = {
        {.kind = "index", .name = "a", .body = std::string(limits::unmeasured_fragment_bytes + 1, '2')}};
    EXPECT_EQ(refusal_of_publishing(second, "second"),
              "conflict: What is said of the versions of tool is more than the 240 MiB that are shown of a "
              "package: delete versions of it for good, or say less in this one's metadata.");
    second.fragments.front().kind = "another";
    publish(second, "second");
}

TEST_P(PublishTest, TheSameAgainIsFineWhereTheFormatSaysSo) {
    Publication image = describe("image", "sha256:1", "manifest", "layers");
    image.rule = PublishRule::same_again;
    EXPECT_TRUE(publish(image, "layers").is_new_version);
    EXPECT_FALSE(publish(image, "layers").is_new_version);
    EXPECT_EQ(usage(), (Usage{.bytes = 6, .package_count = 1, .version_count = 1, .file_count = 1}));
    Publication other = describe("image", "sha256:1", "manifest", "others");
    other.rule = PublishRule::same_again;
    EXPECT_TRUE(refusal_of_publishing(other, "others").starts_with("conflict: "));
}

TEST_P(PublishTest, MayBeOverwrittenWhereTheRepositorySaysSo) {
    repository_ = make_repository("nightly", R"({"overwrite":"allowed"})");
    publish("tool", "1.0", "tool.tar", "first");
    std::vector<std::string> asked;
    Publication second = describe("tool", "1.0", "tool.tar", "the second");
    second.check_may = [&](std::string_view permission) { asked.emplace_back(permission); };
    EXPECT_EQ(publish(second, "the second").replaced_files, 1);
    EXPECT_EQ(asked, std::vector<std::string>{"package:update"});
    EXPECT_EQ(fetch("tool", "1.0", "tool.tar")->sha256, digests_of("the second").sha256);
    EXPECT_EQ(usage(), (Usage{.bytes = 10, .package_count = 1, .version_count = 1, .file_count = 1}));
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_uses"), "1") << "what was replaced is nobody's";
    second.check_may = [](std::string_view) { throw Problem(problems::forbidden, "No."); };
    EXPECT_EQ(refusal_of_publishing(second, "the second"), "forbidden: No.");
}

TEST_P(PublishTest, KeepsToTheQuota) {
    repository_ = make_repository("small", R"({"quota":{"max_bytes":10,"max_packages":1}})");
    publish("tool", "1.0", "a", "12345678");
    EXPECT_EQ(
        refusal_of_publishing(describe("tool", "1.0", "b", "901"), "901"),
        "conflict: The repository small may hold 10 bytes, and would hold 11: delete something, or raise "
        "settings.quota.max_bytes.");
    publish("tool", "1.0", "c", "12345678") /* the same bytes */;
    EXPECT_EQ(
        refusal_of_publishing(describe("other", "1.0", "a", "1"), "1"),
        "conflict: The repository small may hold 1 packages, and would hold 2: delete something, or raise "
        "settings.quota.max_packages.");
    EXPECT_EQ(usage(), (Usage{.bytes = 8, .package_count = 1, .version_count = 1, .file_count = 2}));
}

TEST_P(PublishTest, MovesTagsWhenItMay) {
    Publication one = describe("tool", "1.0", "a", "1");
    one.tags = {"latest", "stable"};
    publish(one, "1");
    Publication two = describe("tool", "2.0", "a", "2");
    two.tags = {"latest"};
    two.check_may = [](std::string_view) { throw Problem(problems::forbidden, "No."); };
    EXPECT_EQ(refusal_of_publishing(two, "2"), "forbidden: No.");
    EXPECT_FALSE(fetch("tool", "2.0", "a")) << "all of it or nothing";
    two.check_may = [](std::string_view) {};
    const Published published = publish(two, "2");
    const auto tags = read([&](Tx& tx) { return list_tags(tx, place_of(published.package), {}); }).items;
    ASSERT_EQ(tags.size(), 2);
    EXPECT_EQ(tags[0].name + " " + tags[0].version_name, "latest 2.0");
    EXPECT_EQ(tags[1].name + " " + tags[1].version_name, "stable 1.0");
    const auto by_tag = read([&](Tx& tx) { return find_fetched_by_tag(tx, place(), "tool", "latest", "a"); });
    EXPECT_EQ(by_tag->version_name, "2.0");
    EXPECT_EQ(read([&](Tx& tx) { return find_fetched_newest(tx, place(), "tool", "a"); })->version_name,
              "2.0");
}

// 201 for one, 409 for the others, and nothing else for anybody.
TEST_P(PublishTest, OfManyAtOnceOneWins) {
    constexpr int many = 12;
    std::atomic<int> won{0};
    std::atomic<int> refused{0};
    test::run_at_once(many, [&](int i) {
        const std::string bytes = "bytes of " + std::to_string(i);
        Publication wanted = describe("tool", "1.0", "tool.tar", bytes);
        wanted.rule = PublishRule::whole;
        const std::string refusal = refusal_of_publishing(wanted, bytes);
        if (refusal.empty())
            ++won;
        else if (refusal.starts_with("conflict: "))
            ++refused;
        else
            ADD_FAILURE() << refusal;
    });
    EXPECT_EQ(won, 1);
    EXPECT_EQ(refused, many - 1);
    const auto found = fetch("tool", "1.0", "tool.tar");
    ASSERT_TRUE(found);
    EXPECT_EQ(usage(),
              (Usage{.bytes = found->size_bytes, .package_count = 1, .version_count = 1, .file_count = 1}));
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_uses"), "1");
}

TEST_P(PublishTest, FilesOfOneVersionAtOnceAreAllThere) {
    constexpr int many = 8;
    test::run_at_once(many, [&](int i) {
        const std::string bytes = "part " + std::to_string(i);
        EXPECT_EQ(refusal_of_publishing(describe("tool", "1.0", bytes, bytes), bytes), "");
    });
    EXPECT_EQ(usage(),
              (Usage{.bytes = 6 * many, .package_count = 1, .version_count = 1, .file_count = many}));
    EXPECT_EQ(run_sql("SELECT file_count FROM versions"), std::to_string(many));
}

TEST_P(PublishTest, IsRefusedWhenTheRepositoryHasGone) {
    write([&](Tx& tx) { delete_repository(tx, acme, *find_repository_by_name(tx, acme, "files")); });
    EXPECT_EQ(refusal_of_publishing(describe("tool", "1.0", "a", "1"), "1"),
              "not-found: There is no repository files.");
    EXPECT_EQ(run_sql("SELECT count(*) FROM packages"), "0");
}

}  // namespace
}  // namespace lodestone::packages
