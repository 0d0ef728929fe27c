// Retention on every database: previews tell what rounds do, and rounds do nothing else.
#include "packages/retention.hpp"

#include <gtest/gtest.h>

#include "packages/count_downloads.hpp"
#include "packages/property.hpp"
#include "packages/tag.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;
using std::chrono::days;

constexpr std::string_view companions[] = {"test.subject"};
std::optional<std::string> find_noted_version(std::string_view tag) {
    if (!tag.starts_with("about-")) return std::nullopt;
    return std::string(tag.substr(6));
}
constexpr Format known{.name = "generic",
                       .title = "Generic",
                       .routes = {},
                       .companion_properties = companions,
                       .companion_of_tag = find_noted_version};
constexpr const Format* formats[] = {&known};

class RetentionTest : public test::WithPackages {
  protected:
    void publish_daily(const std::string& package, int versions) {
        for (int i = 1; i <= versions; ++i) {
            publish(package, std::to_string(i), "a", package + std::to_string(i));
            clock().advance(days(1));
        }
    }
    void set_rules(const std::string& rules) {
        write([&](Tx& tx) {
            Repository repository = *find_repository(tx, acme, repository_->id);
            repository.settings = R"({"retention":)" + rules + "}";
            return update_repository(tx, acme, repository);
        });
    }
    db::Page<PreviewedVersion> preview_page(const db::ListRequest& request) {
        return read([&](Tx& tx) {
            const auto settings =
                parse_repository_settings(find_repository(tx, acme, repository_->id)->settings);
            return preview_retention(tx, {place(), known}, settings.retention, request);
        });
    }
    // "tool/2 tool/1": what would go, in pages of this many.
    std::string preview(std::int64_t limit = 100) {
        std::string going;
        db::ListRequest request{.filters = {{"stays", "false"}}, .sort = {}, .limit = limit, .cursor = {}};
        do {
            const auto page = preview_page(request);
            for (const PreviewedVersion& one : page.items)
                going += (going.empty() ? "" : " ") + one.package + "/" + one.version;
            request.cursor = page.next;
        } while (!request.cursor.empty());
        return going;
    }
    void tag(const std::string& package, const std::string& version, const std::string& name) {
        const VersionPlace at = find_place(package, version);
        write([&](Tx& tx) {
            Tag tag{.name = name,
                    .version_id = at.version,
                    .version_name = version,
                    .updated_at = {},
                    .updated_by = {}};
            put_tag(tx, at.package, tag);
        });
    }
    std::int64_t run_round() { return RetentionRounds(formats).run(database()); }
    std::string list_versions() {
        return run_sql(
            GetParam() == db::EngineKind::sqlite
                ? "SELECT group_concat(name, ' ') FROM (SELECT p.name || '/' || v.name AS name FROM "
                  "versions v JOIN packages p ON p.id = v.package_id WHERE v.deleted_at IS NULL "
                  "ORDER BY 1)"
                : "SELECT string_agg(name, ' ') FROM (SELECT p.name || '/' || v.name AS name FROM "
                  "versions v JOIN packages p ON p.id = v.package_id WHERE v.deleted_at IS NULL "
                  "ORDER BY 1) AS found");
    }
    VersionPlace find_place(const std::string& package, const std::string& version) {
        return read([&](Tx& tx) {
            const auto found = find_package_by_key(tx, place(), package);
            return VersionPlace{place_of(*found), find_version_by_key(tx, place_of(*found), version)->id};
        });
    }
};
INSTANTIATE_ON_EVERY_DATABASE(RetentionTest);

TEST_P(RetentionTest, NothingGoesBeforeRulesAreApplied) {
    publish_daily("tool", 3);
    EXPECT_EQ(preview(), "");
    EXPECT_EQ(run_round(), 0);
    set_rules(R"({"keep_last":1})");
    EXPECT_EQ(preview(), "tool/2 tool/1");
    EXPECT_EQ(run_round(), 0);
    EXPECT_EQ(list_versions(), "tool/1 tool/2 tool/3");
}

TEST_P(RetentionTest, WhatGoesCanBeRestoredAndHasItsReason) {
    publish_daily("tool", 3);
    publish_daily("else", 1);
    set_rules(R"({"is_applied":true,"keep_last":1})");
    const VersionPlace first = find_place("tool", "1");
    EXPECT_EQ(preview(), "tool/2 tool/1");
    EXPECT_EQ(run_round(), 2);
    EXPECT_EQ(list_versions(), "else/1 tool/3");
    EXPECT_EQ(run_round(), 0);
    EXPECT_EQ(
        run_sql("SELECT count(*) FROM audit WHERE action = 'package.delete_version' AND actor = 'system' "
                "AND details LIKE '%retention: not among the last 1, not tagged (number 3 from the "
                "newest)%'"),
        "1");
    EXPECT_EQ(usage().version_count, 2);
    const Package tool = *read([&](Tx& tx) { return find_package_by_key(tx, place(), "tool"); });
    write([&](Tx& tx) { return restore_version(tx, removing(), tool, first.version); });
    EXPECT_EQ(list_versions(), "else/1 tool/1 tool/3");
}

TEST_P(RetentionTest, RulesLookAtTagsFetchesAndTime) {
    publish_daily("tool", 4);
    set_rules(R"({"is_applied":true,"keep_days":1,"keep_downloaded_days":2})");
    tag("tool", "2", "stable");
    DownloadCounter counter(context());
    counter.note(find_place("tool", "3"));
    counter.write(database());
    EXPECT_EQ(preview(), "tool/4 tool/1");
    const auto page = preview_page({});
    EXPECT_EQ(page.items.size(), 4);
    EXPECT_EQ(page.items[2].reason, "tagged stable");
    EXPECT_TRUE(page.items[1].reason.starts_with("fetched on ")) << page.items[1].reason;
    EXPECT_EQ(run_round(), 2);
    clock().advance(days(3));
    EXPECT_EQ(run_round(), 1) << "nobody has fetched it since";
    EXPECT_EQ(list_versions(), "tool/2");
}

TEST_P(RetentionTest, NothingGoesThatIsNeeded) {
    publish_daily("image", 6);
    // The newest is an index of 1; 3 is a signature of 2, and 5 of the newest.
    const auto put = [&](const std::string& version, const std::string& name, const std::string& value) {
        const VersionPlace at = find_place("image", version);
        write([&](Tx& tx) { put_property(tx, at, name, value); });
    };
    put("6", std::string(needs_property) + "1", "1");
    put("3", "test.subject", "2");
    put("5", "test.subject", "6");
    set_rules(R"({"is_applied":true,"keep_last":1})");
    EXPECT_EQ(preview(), "image/4 image/3 image/2");
    EXPECT_EQ(run_round(), 3);
    EXPECT_EQ(list_versions(), "image/1 image/5 image/6");
    const Package image = *read([&](Tx& tx) { return find_package_by_key(tx, place(), "image"); });
    publish("image", "7", "a", "seven");
    write([&](Tx& tx) {
        return delete_version(tx, removing(), image, *find_version_by_key(tx, place_of(image), "6"));
    });
    EXPECT_EQ(run_round(), 2) << "the index has gone, and nothing else needed them";
    EXPECT_EQ(list_versions(), "image/7");
}

TEST_P(RetentionTest, WhatATagIsAboutGoesWithThat) {
    publish_daily("image", 4);
    // 1 is a list about 2, and needs 3; 4 stays by itself.
    tag("image", "1", "about-2");
    tag("image", "2", "stable");
    const VersionPlace list = find_place("image", "1");
    write([&](Tx& tx) { put_property(tx, list, std::string(needs_property) + "3", "3"); });
    set_rules(R"({"is_applied":true,"keep_last":1})");
    EXPECT_EQ(preview(), "");
    const auto page = preview_page({});
    EXPECT_EQ(page.items[3].reason, "stays with 2");
    EXPECT_EQ(page.items[1].reason, "needed by 1");
    tag("image", "4", "stable");
    EXPECT_EQ(preview(), "image/3 image/2 image/1") << "the list's own tag keeps nothing";
    tag("image", "1", "both");
    EXPECT_EQ(preview(), "") << "what somebody has named stays, and keeps what it is about";
    set_rules(R"({"is_applied":true,"keep_last":1,"keep_tagged":false})");
    EXPECT_EQ(run_round(), 3);
    EXPECT_EQ(list_versions(), "image/4");
}

TEST_P(RetentionTest, PreviewsComeInPages) {
    for (const char* name : {"a", "b", "c"}) publish_daily(name, 4);
    set_rules(R"({"keep_last":1,"packages":["a","c*"]})");
    const std::string all = "a/3 a/2 a/1 c/3 c/2 c/1";
    for (const std::int64_t limit : {1, 2, 3, 5, 6, 7}) EXPECT_EQ(preview(limit), all) << limit;
    const auto one = preview_page({.filters = {{"package", "b"}}, .sort = {}, .limit = {}, .cursor = {}});
    EXPECT_EQ(one.items.size(), 4);
    EXPECT_EQ(one.items.front().reason, "no rule is about this package");
}

TEST_P(RetentionTest, ManyGoInSeveralTransactions) {
    for (int i = 0; i < 120; ++i) publish("tool", std::to_string(i), "a", std::to_string(i));
    set_rules(R"({"is_applied":true,"keep_last":5})");
    EXPECT_EQ(run_round(), 115);
    EXPECT_EQ(usage().version_count, 5);
    RetentionRounds stopped(formats);
    stopped.stop();
    set_rules(R"({"is_applied":true,"keep_last":1})");
    EXPECT_EQ(stopped.run(database()), 0);
}

TEST_P(RetentionTest, SettingsAreChecked) {
    const auto refusal = [&](const std::string& rules) {
        return refusal_of([&](Tx& tx) {
            Repository repository = *find_repository(tx, acme, repository_->id);
            repository.settings = R"({"retention":)" + rules + "}";
            update_repository(tx, acme, repository);
        });
    };
    EXPECT_NE(refusal(R"({"keep_last":-1})").find("settings.retention.keep_last must be"), std::string::npos);
    EXPECT_NE(refusal(R"({"keep_days":99999999})").find("settings.retention.keep_days"), std::string::npos);
    EXPECT_NE(refusal(R"({"keep_names":[""]})").find("settings.retention.keep_names[0]"), std::string::npos);
    EXPECT_NE(refusal(R"({"keep_forever":true})").find("keep_forever"), std::string::npos);
    EXPECT_EQ(refusal(R"({"keep_last":3,"keep_names":["v*"]})"), "");
}

}  // namespace
}  // namespace lodestone::packages
