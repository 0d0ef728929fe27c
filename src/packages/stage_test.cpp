// Staging on every database: what is staged counts, is kept and is found by nobody; it is published once, or
// goes with all that it held.
#include "packages/stage.hpp"

#include <gmock/gmock.h>

#include <atomic>

#include "base/blob_limits.hpp"
#include "base/stage_limits.hpp"
#include "blobs/collect_step.hpp"
#include "packages/purge.hpp"
#include "packages/staged_content.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;
using ::testing::HasSubstr;

class StageTest : public test::WithPackages {
  protected:
    Staged stage_in(Tx& tx, Publication wanted, std::string_view bytes, const StagingIds& ids) {
        const auto fresh = blobs::BlobId::make(context().clock, context().random);
        wanted.files.front().blob_id = settle_blob(tx, digests_of(bytes), bytes.size(), fresh).id;
        return packages::stage(tx, wanted, ids, "{}");
    }
    Staged stage(const Publication& wanted, std::string_view bytes) {
        const StagingIds ids = make_staging_ids(context());
        return write([&](Tx& tx) { return stage_in(tx, wanted, bytes, ids); });
    }
    Publication describe_whole(std::string version, std::string_view bytes) {
        Publication wanted = describe("tool", std::move(version), "tool.tar", bytes);
        wanted.rule = PublishRule::whole;
        return wanted;
    }
    Staged stage(std::string version, std::string_view bytes) {
        return stage(describe_whole(std::move(version), bytes), bytes);
    }
    std::string refusal_of_staging(const Publication& wanted, std::string_view bytes) {
        const StagingIds ids = make_staging_ids(context());
        return refusal_of([&](Tx& tx) { stage_in(tx, wanted, bytes, ids); });
    }
    StagedIn in(const StagedId& id) { return {.tenant = acme, .repository = repository_, .id = id}; }
    Approval approval() {
        return {.fold_file = nullptr, .check_may = [](std::string_view) {}};
    }
    Published approve(const StagedId& id) {
        const PublicationIds ids = make_publication_ids(context());
        return write([&](Tx& tx) { return packages::approve(tx, in(id), approval(), ids); },
                     {.actor = "bob", .request_id = "request-2"});
    }
    std::string refusal_of_approving(const StagedId& id) {
        const PublicationIds ids = make_publication_ids(context());
        return refusal_of([&](Tx& tx) { packages::approve(tx, in(id), approval(), ids); });
    }
    void reject(const StagedId& id) {
        write([&](Tx& tx) { packages::reject(tx, in(id)); });
    }
    std::vector<Staged> list(std::string_view package = {}) {
        return read([&](Tx& tx) { return list_staged(tx, place(), package); });
    }
    // Through all reviews that have come by then.
    void collect() {
        clock().advance(limits::blob_lease + std::chrono::hours(1));
        for (int i = 0; i < 3; ++i) {
            clock().advance(std::chrono::minutes(31));
            const blobs::Review review =
                write([&](Tx& tx) { return blobs::review_blobs(tx, std::chrono::minutes(30)); });
            write([&](Tx& tx) { blobs::forget_blobs(tx, review.doomed); });
        }
    }
    std::string count(const std::string& table) { return run_sql("SELECT count(*) FROM " + table); }
};
INSTANTIATE_ON_EVERY_DATABASE(StageTest);

TEST_P(StageTest, CountsAndIsFoundByNobodyUntilItIsApproved) {
    Publication wanted = describe_whole("1.0", "twelve bytes");
    wanted.tags = {"latest"};
    wanted.fragments = {{.kind = "full", .name = {}, .body = "{\"a\":\"\x01 \\ \xC3\xBC\"}"}};
    wanted.summary = {.description = "A tool.", .keywords = {{"x"}}, .traits = {}, .facts = R"({"n":1})"};
    const Staged staged = stage(wanted, "twelve bytes");
    EXPECT_EQ(list(), std::vector{staged});
    EXPECT_EQ(staged.created_by + " " + staged.tags, R"(alice ["latest"])");
    EXPECT_EQ(usage(), Usage{.bytes = 12});
    EXPECT_FALSE(fetch("tool", "1.0", "tool.tar"));
    EXPECT_EQ(count("packages") + count("versions") + count("files"), "000");
    EXPECT_FALSE(is_found("tool"));
    const FoundFile file = read([&](Tx& tx) { return need_staged_file(tx, in(staged.id)); });
    EXPECT_EQ(file.name + " " + std::to_string(file.size_bytes), "tool.tar 12");

    const Published published = approve(staged.id);
    EXPECT_EQ(published.version.published_by, "bob");
    EXPECT_EQ(published.version.facts, R"({"n":1})");
    EXPECT_EQ(published.package.description, "A tool.");
    EXPECT_EQ(fetch("tool", "1.0", "tool.tar")->sha256, digests_of("twelve bytes").sha256);
    EXPECT_EQ(read([&](Tx& tx) {
                  return list_fragments_of(tx, {place_of(published.package), published.version.id});
              }),
              wanted.fragments);
    EXPECT_EQ(run_sql("SELECT version_name FROM tags WHERE name = 'latest'"), "1.0");
    EXPECT_EQ(usage(), (Usage{.bytes = 12, .package_count = 1, .version_count = 1, .file_count = 1}));
    EXPECT_EQ(count("staged_publications") + count("blob_uses") + count("package_blobs"), "011");
    EXPECT_EQ(list_actions(staged.id.text()),
              (std::vector<std::string>{"bob package.approve", "alice package.stage"}));
    EXPECT_EQ(run_sql("SELECT details FROM audit WHERE action = 'package.approve'"),
              R"({"package":"tool","repository":"files","staged_by":"alice","version":"1.0"})");
    EXPECT_THAT(refusal_of_approving(staged.id), HasSubstr("not-found: "));
}

TEST_P(StageTest, WhatIsRejectedGoesWithItsBytes) {
    const Staged staged = stage("1.0", "twelve bytes");
    collect();
    EXPECT_EQ(count("blobs"), "1") << "it is kept, however long";
    reject(staged.id);
    EXPECT_EQ(list(), std::vector<Staged>());
    EXPECT_EQ(usage(), Usage());
    EXPECT_EQ(count("blob_uses") + count("package_blobs"), "00");
    EXPECT_EQ(list_actions(staged.id.text()),
              (std::vector<std::string>{"alice package.reject", "alice package.stage"}));
    collect();
    EXPECT_EQ(count("blobs"), "0");
    EXPECT_THAT(refusal_of([&](Tx& tx) { packages::reject(tx, in(staged.id)); }), HasSubstr("not-found: "));
}

TEST_P(StageTest, BytesThatAVersionHasStayWhenTheSameAreRejected) {
    publish("else", "1.0", "a", "twelve bytes");
    const Staged staged = stage("1.0", "twelve bytes");
    EXPECT_EQ(usage().bytes, 12) << "once";
    reject(staged.id);
    EXPECT_EQ(usage().bytes, 12);
    collect();
    EXPECT_EQ(count("blobs"), "1");
}

TEST_P(StageTest, IsRefusedAndStaysWhereTheVersionWasPublishedMeanwhile) {
    const Staged staged = stage("1.0", "first");
    Publication direct = describe_whole("1.0", "second");
    publish(direct, "second");
    EXPECT_EQ(
        refusal_of_approving(staged.id),
        "conflict: Version 1.0 of tool is published already and stays as it is: publish another version.");
    EXPECT_EQ(list(), std::vector{staged});
    EXPECT_EQ(usage().bytes, 11);
    EXPECT_EQ(fetch("tool", "1.0", "tool.tar")->sha256, digests_of("second").sha256);
    EXPECT_EQ(
        refusal_of_staging(describe_whole("1.0", "third"), "third"),
        "conflict: Version 1.0 of tool is published already and stays as it is: publish another version.");
}

TEST_P(StageTest, OneOfEachVersionIsStaged) {
    const Staged first = stage("1.0", "first");
    EXPECT_EQ(refusal_of_staging(describe_whole("1.0", "second"), "second"),
              "conflict: Version 1.0 of tool is staged already, as " + first.id.text() +
                  ": reject that first, or stage another version.");
    const Staged next = stage("1.1", "first");
    EXPECT_EQ(list("tool"), (std::vector{first, next}));
    EXPECT_EQ(list("else"), std::vector<Staged>());
    reject(first.id);
    EXPECT_EQ(refusal_of_staging(describe_whole("1.0", "second"), "second"), "");
}

TEST_P(StageTest, WhatWasRemovedComesBackByTheSameBytesOnly) {
    const Published published = publish(describe_whole("1.0", "first"), "first");
    write([&](Tx& tx) { delete_version(tx, removing(), published.package, published.version); });
    EXPECT_THAT(refusal_of_staging(describe_whole("1.0", "second"), "second"),
                HasSubstr("Something else was published as tool.tar of tool 1.0, and removed"));
    EXPECT_EQ(refusal_of_staging(describe_whole("1.0", "first"), "first"), "");
}

TEST_P(StageTest, EndsByItself) {
    const Staged staged = stage("1.0", "first");
    clock().advance(limits::staged_lifetime - std::chrono::minutes(1));
    EXPECT_EQ(list(), std::vector{staged});
    EXPECT_EQ(write([&](Tx& tx) { return purge_staged(tx, tx.now()); }), 0);
    clock().advance(std::chrono::minutes(1));
    EXPECT_EQ(list(), std::vector<Staged>());
    EXPECT_FALSE(read([&](Tx& tx) { return find_staged(tx, place(), staged.id); }));
    EXPECT_THAT(refusal_of_approving(staged.id), HasSubstr("not-found: "));
    EXPECT_EQ(usage().bytes, 5) << "nobody has cleaned up yet";
    EXPECT_EQ(write([&](Tx& tx) { return purge_staged(tx, tx.now()); }, {}), 1);
    EXPECT_EQ(usage(), Usage());
    EXPECT_EQ(count("staged_publications") + count("blob_uses") + count("package_blobs"), "000");
    EXPECT_EQ(list_actions(staged.id.text()),
              (std::vector<std::string>{"system package.end_staged", "alice package.stage"}));
}

TEST_P(StageTest, WhatHasEndedIsInNobodysWay) {
    const Staged first = stage("1.0", "first");
    clock().advance(limits::staged_lifetime);
    const Staged second = stage("1.0", "second");
    EXPECT_EQ(list(), std::vector{second});
    EXPECT_EQ(usage().bytes, 6);
    approve(second.id);
    EXPECT_EQ(fetch("tool", "1.0", "tool.tar")->sha256, digests_of("second").sha256);
}

TEST_P(StageTest, AreNoMoreThanSoMany) {
    for (std::int64_t i = 0; i < limits::staged_per_package; ++i) stage("1." + std::to_string(i), "same");
    EXPECT_THAT(refusal_of_staging(describe_whole("2.0", "same"), "same"),
                HasSubstr("conflict: Of tool 100 versions are staged, and no more can be"));
    Publication other = describe("else", "2.0", "a", "same");
    EXPECT_EQ(refusal_of_staging(other, "same"), "");
    Publication long_winded = describe("more", "2.0", "a", "same");
    long_winded.fragments = {
        {.kind = "full", .name = {}, .body = std::string(limits::fragment_bytes + 1, 'x')}};
    EXPECT_THAT(refusal_of_staging(long_winded, "same"), HasSubstr("is longer than 1024 KiB"));
    long_winded.fragments.clear();
    for (int i = 0; i < 9; ++i)
        long_winded.fragments.push_back(
            {.kind = std::to_string(i), .name = {}, .body = std::string(limits::fragment_bytes, 'x')});
    EXPECT_THAT(refusal_of_staging(long_winded, "same"), HasSubstr("is longer than 8 MiB"));
}

TEST_P(StageTest, CountsTowardsTheQuota) {
    repository_ = make_repository("small", R"({"quota":{"max_bytes":10,"max_packages":1}})");
    const Staged staged = stage("1.0", "12345678");
    EXPECT_THAT(refusal_of_staging(describe_whole("1.1", "901"), "901"),
                HasSubstr("may hold 10 bytes, and would hold 11"));
    publish("else", "1.0", "a", "12");
    EXPECT_THAT(refusal_of_approving(staged.id), HasSubstr("may hold 1 packages, and would hold 2"));
    EXPECT_EQ(list(), std::vector{staged});
    EXPECT_EQ(usage().bytes, 10);
}

// 201 for one, 404 for the others, and the version is there once.
TEST_P(StageTest, OfManyWhoApproveOneDoes) {
    const Staged staged = stage("1.0", "first");
    constexpr int many = 8;
    std::atomic<int> approved{0};
    std::atomic<int> late{0};
    test::run_at_once(many, [&](int) {
        const std::string refusal = refusal_of_approving(staged.id);
        if (refusal.empty())
            ++approved;
        else if (refusal.starts_with("not-found: "))
            ++late;
        else
            ADD_FAILURE() << refusal;
    });
    EXPECT_EQ(approved, 1);
    EXPECT_EQ(late, many - 1);
    EXPECT_EQ(usage(), (Usage{.bytes = 5, .package_count = 1, .version_count = 1, .file_count = 1}));
}

TEST_P(StageTest, IsApprovedOrRejectedButNotBoth) {
    for (int round = 0; round < 5; ++round) {
        const Staged staged = stage("1." + std::to_string(round), "first");
        std::atomic<int> done{0};
        test::run_at_once(4, [&](int i) {
            const std::string refusal =
                i % 2 == 0 ? refusal_of_approving(staged.id)
                           : refusal_of([&](Tx& tx) { packages::reject(tx, in(staged.id)); });
            if (refusal.empty()) ++done;
        });
        EXPECT_EQ(done, 1);
        EXPECT_EQ(count("staged_publications"), "0");
        EXPECT_EQ(run_sql("SELECT count(*) FROM versions"),
                  run_sql("SELECT count(*) FROM audit WHERE action = 'package.approve'"));
    }
}

TEST_P(StageTest, OfManyWhoStageAVersionOneDoes) {
    constexpr int many = 8;
    std::atomic<int> staged{0};
    test::run_at_once(many, [&](int i) {
        const std::string bytes = "bytes of " + std::to_string(i);
        const std::string refusal = refusal_of_staging(describe_whole("1.0", bytes), bytes);
        if (refusal.empty())
            ++staged;
        else
            EXPECT_THAT(refusal, HasSubstr("conflict: "));
    });
    EXPECT_EQ(staged, 1);
    EXPECT_EQ(count("staged_publications") + count("blob_uses"), "11");
    EXPECT_EQ(usage().bytes, 10);
}

TEST_P(StageTest, IsFoundInItsPlaceOnly) {
    const Staged staged = stage("1.0", "first");
    const auto elsewhere = make_repository("elsewhere");
    for (const RepositoryPlace& place :
         {RepositoryPlace{acme, elsewhere->id}, RepositoryPlace{other, repository_->id}}) {
        EXPECT_FALSE(read([&](Tx& tx) { return find_staged(tx, place, staged.id); }));
        EXPECT_FALSE(read([&](Tx& tx) { return find_staged_content(tx, place, staged.id); }));
        EXPECT_FALSE(write([&](Tx& tx) { return delete_staged(tx, place, staged.id); }));
        EXPECT_TRUE(read([&](Tx& tx) { return list_staged(tx, place, {}); }).empty());
    }
}

TEST_P(StageTest, GoesWithItsRepository) {
    stage("1.0", "first");
    write([&](Tx& tx) { delete_repository(tx, acme, *find_repository_by_name(tx, acme, "files")); });
    clock().advance(std::chrono::hours(1));
    while (write([&](Tx& tx) { return purge_repositories(tx, tx.now()); }) > 0) {
    }
    for (const char* table : {"repositories", "staged_publications", "blob_uses", "package_blobs"})
        EXPECT_EQ(count(table), "0") << table;
}

TEST_P(StageTest, EndsInADeletedRepositoryToo) {
    stage("1.0", "first");
    write([&](Tx& tx) { delete_repository(tx, acme, *find_repository_by_name(tx, acme, "files")); });
    clock().advance(limits::staged_lifetime);
    EXPECT_EQ(write([&](Tx& tx) { return purge_staged(tx, tx.now()); }), 1);
    EXPECT_EQ(count("staged_publications") + count("blob_uses"), "00");
}

}  // namespace
}  // namespace lodestone::packages
