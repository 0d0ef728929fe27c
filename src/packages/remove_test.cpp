// Marks and deletions on every database: gone at once, restorable, counted, and never something else under
// the same name.
#include "packages/remove.hpp"

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "packages/property.hpp"
#include "packages/purge.hpp"
#include "packages/tag.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;

class RemoveTest : public test::WithPackages {
  protected:
    Version find(const Published& published) {
        return read([&](Tx& tx) {
                   return find_version(tx, place_of(published.package), published.version.id);
               })
            .value();
    }
    void purge_all() {
        clock().advance(std::chrono::hours(1));
        while (write([&](Tx& tx) { return purge_versions(tx, clock().now()); }) > 0) {
        }
        while (write([&](Tx& tx) { return purge_packages(tx, clock().now()); }) > 0) {
        }
    }
};
INSTANTIATE_ON_EVERY_DATABASE(RemoveTest);

TEST_P(RemoveTest, MarksAreSetAndTakenAway) {
    const Published tool = publish("tool", "1.0", "a", "1");
    const auto with = [&](auto verb, std::string reason) {
        const Version version = find(tool);
        return write([&](Tx& tx) { return verb(tx, removing(reason), tool.package, version); });
    };
    EXPECT_EQ(with(yank_version, "broken").state, VersionState::yanked);
    EXPECT_EQ(find(tool).yank_reason, "broken");
    EXPECT_TRUE(fetch("tool", "1.0", "a")) << "whoever has it in a lock file still gets it";
    EXPECT_FALSE(read([&](Tx& tx) { return find_fetched_newest(tx, place(), "tool", "a"); }));
    EXPECT_EQ(with(unyank_version, "").state, VersionState::published);
    EXPECT_EQ(with(unyank_version, "").version, 3) << "the second time nothing changes";
    EXPECT_EQ(with(deprecate_version, "use 2.0").deprecation, "use 2.0");
    EXPECT_EQ(with(deprecate_version, "").deprecation, "");
}

TEST_P(RemoveTest, AVersionGoesAndComesBack) {
    Publication wanted = describe("tool", "1.0", "a", "1234");
    wanted.tags = {"latest"};
    const Published tool = publish(wanted, "1234");
    publish("tool", "2.0", "a", "1234");
    const Usage before = usage();
    write([&](Tx& tx) {
        return delete_version(tx, removing(), tool.package,
                              find_version(tx, place_of(tool.package), tool.version.id).value());
    });
    EXPECT_FALSE(fetch("tool", "1.0", "a"));
    EXPECT_FALSE(read([&](Tx& tx) { return find_tag(tx, place_of(tool.package), "latest"); }));
    EXPECT_EQ(usage(), (Usage{.bytes = 4, .package_count = 1, .version_count = 1, .file_count = 1}));
    write([&](Tx& tx) { return restore_version(tx, removing(), tool.package, tool.version.id); });
    EXPECT_TRUE(fetch("tool", "1.0", "a"));
    EXPECT_EQ(usage(), before);
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_version(tx, removing(), tool.package, tool.version.id); }),
              "not-found: There is no deleted version " + tool.version.id.text() + ".");
}

TEST_P(RemoveTest, WhatAVersionNeedsComesBackBeforeIt) {
    const Published list = publish("image", "list", "a", "12");
    const Published part = publish("image", "part", "a", "1");
    write([&](Tx& tx) {
        for (const std::string key : {"part", "never-a-version"})
            put_property(tx, {place_of(list.package), list.version.id}, std::string(needs_property) + key,
                         key);
    });
    for (const Published& one : {list, part})
        write([&](Tx& tx) {
            return delete_version(tx, removing(), one.package,
                                  find_version(tx, place_of(one.package), one.version.id).value());
        });
    const auto restore = [&](const Published& one) {
        return refusal_of([&](Tx& tx) { restore_version(tx, removing(), one.package, one.version.id); });
    };
    EXPECT_EQ(restore(list), "conflict: The version list needs part, which is deleted: restore that first.");
    EXPECT_FALSE(fetch("image", "list", "a"));
    EXPECT_EQ(restore(part), "");
    EXPECT_EQ(restore(list), "");
    EXPECT_TRUE(fetch("image", "list", "a"));
}

TEST_P(RemoveTest, OtherBytesNeverComeBackUnderAName) {
    const Published tool = publish("tool", "1.0", "a", "first");
    write([&](Tx& tx) {
        return delete_version(tx, removing("a mistake"), tool.package,
                              *find_version_by_key(tx, place_of(tool.package), "1.0"));
    });
    EXPECT_EQ(
        refusal_of_publishing(describe("tool", "1.0", "a", "second"), "second"),
        "conflict: Something else was published as a of tool 1.0, and removed: publish another version.");
    publish("tool", "1.0", "a", "first");
    EXPECT_EQ(refusal_of([&](Tx& tx) { restore_version(tx, removing(), tool.package, tool.version.id); }),
              "conflict: There is another version named 1.0 by now; rename or delete that one first.");
    EXPECT_EQ(usage(), (Usage{.bytes = 5, .package_count = 1, .version_count = 1, .file_count = 1}));
}

TEST_P(RemoveTest, AFileGoesAlone) {
    const Published tool = publish("tool", "1.0", "a", "first");
    publish("tool", "1.0", "b", "second");
    const auto remove = [&](const char* name) {
        return write([&](Tx& tx) {
            return delete_version_file(tx, removing(), tool.package,
                                       *find_version_by_key(tx, place_of(tool.package), "1.0"), name);
        });
    };
    EXPECT_TRUE(remove("a"));
    EXPECT_FALSE(remove("a"));
    EXPECT_FALSE(fetch("tool", "1.0", "a"));
    EXPECT_EQ(usage(), (Usage{.bytes = 6, .package_count = 1, .version_count = 1, .file_count = 1}));
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_uses"), "1");
    EXPECT_EQ(run_sql("SELECT details FROM audit WHERE action = 'package.delete_file'"),
              R"({"file":"a","package":"tool","reason":"","repository":"files","version":"1.0"})");
    EXPECT_TRUE(
        refusal_of_publishing(describe("tool", "1.0", "a", "else"), "else").starts_with("conflict: "));
}

TEST_P(RemoveTest, APackageGoesWithItsVersionsAndComesBackWithThem) {
    const Published tool = publish("tool", "1.0", "a", "1111");
    publish("tool", "2.0", "a", "22");
    const Published gone = publish("tool", "3.0", "a", "3");
    publish("else", "1.0", "a", "22");
    write([&](Tx& tx) {
        return delete_version(tx, removing(), gone.package,
                              *find_version_by_key(tx, place_of(tool.package), "3.0"));
    });
    const Usage before = usage();
    write([&](Tx& tx) { return delete_package(tx, removing(), *find_package_by_key(tx, place(), "tool")); });
    EXPECT_EQ(usage(), (Usage{.bytes = 2, .package_count = 1, .version_count = 1, .file_count = 1}));
    EXPECT_FALSE(fetch("tool", "1.0", "a"));
    write([&](Tx& tx) { return restore_package(tx, removing(), tool.package.id); });
    EXPECT_TRUE(fetch("tool", "1.0", "a") && fetch("tool", "2.0", "a"));
    EXPECT_FALSE(fetch("tool", "3.0", "a")) << "that one was deleted before";
    EXPECT_EQ(usage(), before);
}

TEST_P(RemoveTest, WhatIsPurgedLeavesItsBytesToNobody) {
    const Published tool = publish("tool", "1.0", "a", "1111");
    publish("tool", "2.0", "a", "2222");
    write([&](Tx& tx) {
        return delete_version(tx, removing(), tool.package,
                              *find_version_by_key(tx, place_of(tool.package), "1.0"));
    });
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_uses"), "2") << "so that it can be restored";
    purge_all();
    EXPECT_EQ(run_sql("SELECT count(*) FROM versions"), "1");
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_uses"), "1");
    EXPECT_TRUE(fetch("tool", "2.0", "a"));
    write([&](Tx& tx) { return delete_package(tx, removing(), *find_package_by_key(tx, place(), "tool")); });
    purge_all();
    for (const char* table : {"packages", "versions", "files", "blob_uses", "package_blobs"})
        EXPECT_EQ(run_sql(std::string("SELECT count(*) FROM ") + table), "0") << table;
    EXPECT_EQ(usage(), Usage{});
    EXPECT_TRUE(refusal_of_publishing(describe("tool", "1.0", "a", "else"), "else").starts_with("conflict: "))
        << "tombstones stay";
}

TEST_P(RemoveTest, SinceWhenThereIsANameOutlivesWhatIsDeleted) {
    const Published first = publish("tool", "1.0", "a", "1111");
    const Time begun = first.version.published_at;
    EXPECT_EQ(first.version.first_published_at, begun);
    EXPECT_EQ(first.package.first_published_at, begun);
    const auto remove = [&] {
        write([&](Tx& tx) {
            const Package package = find_package_by_key(tx, place(), "tool").value();
            return delete_version(tx, removing(), package,
                                  *find_version_by_key(tx, place_of(package), "1.0"));
        });
        clock().advance(std::chrono::hours(1));
    };
    remove();
    const Published second = publish("tool", "1.0", "a", "1111");
    EXPECT_EQ(second.version.first_published_at, begun);
    EXPECT_GE(second.version.published_at, begun + std::chrono::hours(1));
    EXPECT_EQ(find(second).first_published_at, begun) << "as it is stored";
    remove();
    purge_all();
    EXPECT_EQ(publish("tool", "1.0", "a", "1111").version.first_published_at, begun)
        << "the second time, and when nothing is left but tombstones";
    EXPECT_EQ(publish("tool", "1.0", "b", "2222").version.first_published_at, begun);
    const Published other = publish("tool", "2.0", "a", "1111");
    EXPECT_EQ(other.version.first_published_at, other.version.published_at) << "a name of its own";
    write([&](Tx& tx) {
        return delete_version_file(tx, removing(), other.package,
                                   *find_version_by_key(tx, place_of(other.package), "2.0"), "a");
    });
    write([&](Tx& tx) { return delete_package(tx, removing(), *find_package_by_key(tx, place(), "tool")); });
    purge_all();
    EXPECT_EQ(run_sql("SELECT count(*) FROM packages"), "0");
    const Published again = publish("tool", "3.0", "a", "1111");
    EXPECT_TRUE(again.is_new_package);
    EXPECT_EQ(again.package.first_published_at, begun) << "and so does a package";
    EXPECT_EQ(again.version.first_published_at, again.version.published_at);
    EXPECT_EQ(publish("tool", "2.0", "a", "1111").version.first_published_at, other.version.published_at)
        << "of a file that went alone";
}

TEST_P(RemoveTest, SinceWhenThereIsANameIsKnownWhereFilesMayBeOverwritten) {
    repository_ = make_repository("nightly", R"({"overwrite":"allowed"})");
    const Published first = publish("tool", "1.0", "a", "1");
    write([&](Tx& tx) { return delete_package(tx, removing(), first.package); });
    clock().advance(std::chrono::hours(1));
    const Published again = publish("tool", "1.0", "a", "2");
    EXPECT_EQ(again.version.first_published_at, first.version.published_at);
    EXPECT_EQ(again.package.first_published_at, first.version.published_at);
}

TEST_P(RemoveTest, RestoringKeepsToTheQuota) {
    repository_ = make_repository("small", R"({"quota":{"max_bytes":10}})");
    const Published tool = publish("tool", "1.0", "a", "12345678");
    write([&](Tx& tx) {
        return delete_version(tx, removing(), tool.package,
                              *find_version_by_key(tx, place_of(tool.package), "1.0"));
    });
    publish("tool", "2.0", "a", "other");
    EXPECT_TRUE(refusal_of([&](Tx& tx) {
                    restore_version(tx, removing(), tool.package, tool.version.id);
                }).starts_with("conflict: The repository small may hold 10 bytes, and would hold 13"));
    EXPECT_FALSE(fetch("tool", "1.0", "a"));
}

}  // namespace
}  // namespace lodestone::packages
