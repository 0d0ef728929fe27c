// Rendered indexes on every database: rendered once for each change, of whatever kind, and bounded in memory.
#include "packages/index_memory.hpp"

#include <gtest/gtest.h>

#include "base/worker_threads.hpp"
#include "packages/fragment.hpp"
#include "packages/purge.hpp"
#include "packages/tagging.hpp"
#include "support/loop_thread.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;

constexpr Format indexed{.name = "generic", .title = "Generic", .routes = {}, .has_indexes = true};

// "1.0:one 2.0:two!", of the versions of a package; of the repository, how many packages it has.
std::optional<std::string> render_words(Tx& tx, const IndexSubject& subject) {
    if (subject.package_key.empty())
        return std::to_string(list_packages(tx, subject.place(), db::ListRequest{.limit = 50}).items.size());
    const auto package = find_package_by_key(tx, subject.place(), subject.package_key);
    if (!package) return std::nullopt;
    std::string text = subject.base;
    for (const FoundFragment& one :
         list_fragments(tx, {subject.tenant, subject.repository->id, package->id}, "words"))
        text += one.version_name + ":" + one.body + (one.state == VersionState::yanked ? "! " : " ") +
                one.deprecation;
    return text;
}
constexpr IndexKind words{.name = "words", .content_type = "text/plain", .render = render_words};

class IndexMemoryTest : public test::WithPackages {
  protected:
    void SetUp() override {
        WithPackages::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        context().database = &database();
        repository_->described = &indexed;
        memory_ = std::make_unique<IndexMemory>(context(), workers_, 20'000);
        database().tell_of_writes(
            [this](const std::vector<db::Change>& changes) { memory_->note_changes(changes); });
    }
    void TearDown() override {
        WithPackages::TearDown();
        workers_.stop();
    }
    Published add(const std::string& package, const std::string& version, std::string says) {
        Publication wanted = describe(package, version, "file-of-" + version, version + says);
        wanted.fragments.push_back(
            {.kind = "words", .name = wanted.files.front().name, .body = std::move(says)});
        return publish(wanted, version + wanted.fragments.front().body);
    }
    WantedIndex wanted(std::string package, http::Coding coding = http::Coding::identity) {
        return {.kind = &words,
                .subject = {.tenant = acme,
                            .repository = repository_,
                            .package_key = std::move(package),
                            .base = {}},
                .coding = coding};
    }
    std::string find(const WantedIndex& index) {
        const auto found = loop_.run(memory_->find(index, SteadyTime::max()));
        return found ? found->bytes : "(none)";
    }
    std::string find(const std::string& package) { return find(wanted(package)); }
    bool is_kept(const std::string& package) { return memory_->find_now(wanted(package)) != nullptr; }

    test::LoopThread loop_;
    std::unique_ptr<IndexMemory> memory_;
    WorkerThreads workers_{2};
};
INSTANTIATE_ON_EVERY_DATABASE(IndexMemoryTest);

TEST_P(IndexMemoryTest, IsRenderedOnceUntilThePackageChanges) {
    add("tool", "1.0", "one");
    add("other", "1.0", "else");
    EXPECT_FALSE(is_kept("tool"));
    EXPECT_EQ(find("tool"), "1.0:one ");
    EXPECT_EQ(find("other"), "1.0:else ");
    const auto kept = memory_->find_now(wanted("tool"));
    ASSERT_TRUE(kept);
    add("tool", "2.0", "two");
    EXPECT_FALSE(is_kept("tool"));
    EXPECT_TRUE(is_kept("other")) << "nothing happened to it";
    EXPECT_EQ(find("tool"), "1.0:one 2.0:two ");
    EXPECT_EQ(kept->bytes, "1.0:one ") << "whoever is sent it still has it";
    EXPECT_EQ(find("nothing"), "(none)");
    EXPECT_FALSE(is_kept("nothing"));
}

TEST_P(IndexMemoryTest, EveryKindOfChangeMakesItStale) {
    const Published first = add("tool", "1.0", "one");
    const Published second = add("tool", "2.0", "two");
    Package package = read([&](Tx& tx) { return need_package(tx, place(), "tool"); });
    const auto version = [&](const char* name) {
        return read([&](Tx& tx) { return need_version(tx, place_of(package), name); });
    };
    const auto expect_stale = [&](const char* what, auto change) {
        find("tool");
        ASSERT_TRUE(is_kept("tool"));
        write(change);
        EXPECT_FALSE(is_kept("tool")) << what;
    };
    expect_stale("yank", [&](Tx& tx) { yank_version(tx, removing("bad"), package, version("1.0")); });
    EXPECT_EQ(find("tool"), "1.0:one! 2.0:two ");
    expect_stale("unyank", [&](Tx& tx) { unyank_version(tx, removing(), package, version("1.0")); });
    expect_stale("deprecate",
                 [&](Tx& tx) { deprecate_version(tx, removing("old"), package, version("1.0")); });
    EXPECT_EQ(find("tool"), "1.0:one old2.0:two ");
    const TaggedIn in{acme, *repository_, package};
    expect_stale("tag", [&](Tx& tx) { set_tag(tx, in, first.version, "stable", [](std::string_view) {}); });
    expect_stale("untag", [&](Tx& tx) { EXPECT_TRUE(remove_tag(tx, in, "stable")); });
    expect_stale("delete a file", [&](Tx& tx) {
        EXPECT_TRUE(delete_version_file(tx, removing(), package, version("1.0"), "file-of-1.0"));
    });
    EXPECT_EQ(find("tool"), "2.0:two ");
    expect_stale("delete a version",
                 [&](Tx& tx) { delete_version(tx, removing(), package, version("2.0")); });
    EXPECT_EQ(find("tool"), "");
    expect_stale("restore a version",
                 [&](Tx& tx) { restore_version(tx, removing(), package, second.version.id); });
    EXPECT_EQ(find("tool"), "2.0:two ");
    package = read([&](Tx& tx) { return need_package(tx, place(), "tool"); });
    expect_stale("delete", [&](Tx& tx) { delete_package(tx, removing(), package); });
    EXPECT_EQ(find("tool"), "(none)");
    write([&](Tx& tx) { restore_package(tx, removing(), package.id); });
    EXPECT_EQ(find("tool"), "2.0:two ");
}

TEST_P(IndexMemoryTest, TheRepositoryChangesWithItsPackagesOnly) {
    EXPECT_EQ(find(""), "0");
    add("tool", "1.0", "one");
    EXPECT_EQ(find(""), "1");
    add("tool", "2.0", "two");
    EXPECT_TRUE(is_kept("")) << "no package has come";
    write([&](Tx& tx) { delete_package(tx, removing(), need_package(tx, place(), "tool")); });
    EXPECT_EQ(find(""), "0");
}

TEST_P(IndexMemoryTest, WhatIsLongIsCompressedOnceAndHasATagOfItsOwn) {
    add("tool", "1.0", std::string(5'000, 'x'));
    const auto plain = loop_.run(memory_->find(wanted("tool"), SteadyTime::max()));
    const auto gzip = loop_.run(memory_->find(wanted("tool", http::Coding::gzip), SteadyTime::max()));
    const auto zstd = loop_.run(memory_->find(wanted("tool", http::Coding::zstd), SteadyTime::max()));
    EXPECT_LT(gzip->bytes.size(), 200);
    EXPECT_TRUE(gzip->bytes.starts_with("\x1f\x8b"));
    EXPECT_LT(zstd->bytes.size(), 200);
    EXPECT_TRUE(zstd->bytes.starts_with("\x28\xb5\x2f\xfd"));
    EXPECT_NE(plain->etag, gzip->etag);
    EXPECT_NE(zstd->etag, gzip->etag);
    add("short", "1.0", "x");
    EXPECT_EQ(loop_.run(memory_->find(wanted("short", http::Coding::gzip), SteadyTime::max()))->coding,
              http::Coding::identity)
        << "nothing to win";
}

TEST_P(IndexMemoryTest, BelievesNothingForLongThatNobodyConfirms) {
    add("tool", "1.0", "one");
    EXPECT_EQ(find("tool"), "1.0:one ");
    run_sql("UPDATE fragments SET body = 'another'");
    EXPECT_EQ(find(wanted("tool")), "1.0:another ") << "find() renders, find_now() believes";
    run_sql("UPDATE fragments SET body = 'third'");
    EXPECT_EQ(memory_->find_now(wanted("tool"))->bytes, "1.0:another ");
    clock().advance(limits::index_lifetime);
    EXPECT_FALSE(is_kept("tool"));
}

TEST_P(IndexMemoryTest, IsBoundedAndTheOneAskedForLeastGoesFirst) {
    for (const char* name : {"a", "b", "c", "d"}) {
        add(name, "1.0", std::string(6'000, 'x'));
        find(name);
        memory_->find_now(wanted("a"));
    }
    EXPECT_TRUE(is_kept("a")) << "asked for again and again";
    EXPECT_FALSE(is_kept("b"));
    EXPECT_TRUE(is_kept("d"));
    EXPECT_LE(memory_->size_bytes(), 20'000);
    add("huge", "1.0", std::string(50'000, 'x'));
    find("huge");
    EXPECT_TRUE(is_kept("huge")) << "alone";
    EXPECT_FALSE(is_kept("a"));
}

TEST_P(IndexMemoryTest, APurgedVersionLeavesNoFragments) {
    add("tool", "1.0", "one");
    const Published gone = add("tool", "2.0", "two");
    write([&](Tx& tx) { delete_version(tx, removing(), gone.package, gone.version); });
    EXPECT_EQ(run_sql("SELECT count(*) FROM fragments"), "2") << "it may be restored";
    const Time deadline = clock().now() + std::chrono::hours(1);
    write([&](Tx& tx) { return purge_versions(tx, deadline); });
    EXPECT_EQ(run_sql("SELECT count(*) FROM fragments"), "1");
}

}  // namespace
}  // namespace lodestone::packages
