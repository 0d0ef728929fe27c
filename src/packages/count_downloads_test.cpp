// Downloads are counted in memory and written by the batch, on every database: nothing is counted twice, or
// lost when the database says no.
#include "packages/count_downloads.hpp"

#include <gtest/gtest.h>

#include "base/package_limits.hpp"
#include "packages/purge.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;

class CountDownloadsTest : public test::WithPackages {
  protected:
    void SetUp() override {
        WithPackages::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        counter_ = std::make_unique<DownloadCounter>(context());
        tool_ = publish("tool", "1.0", "a", "one");
    }
    VersionPlace in(const Published& published) {
        return {place_of(published.package), published.version.id};
    }
    Downloads of(const Published& published) {
        return read([&](Tx& tx) {
            const VersionId ids[] = {published.version.id};
            return list_downloads(tx, place_of(published.package), ids).front();
        });
    }
    Downloads of_package(const Published& published) {
        return read([&](Tx& tx) {
            const PackageId ids[] = {published.package.id};
            return list_downloads(tx, place(), ids).front();
        });
    }
    std::int64_t today() { return day_of(clock().now()); }

    std::unique_ptr<DownloadCounter> counter_;
    Published tool_;
};
INSTANTIATE_ON_EVERY_DATABASE(CountDownloadsTest);

TEST_P(CountDownloadsTest, AreAddedUpByVersionAndDay) {
    const Published other = publish("tool", "2.0", "a", "two");
    EXPECT_EQ(of(tool_), Downloads());
    for (int i = 0; i < 3; ++i) counter_->note(in(tool_));
    counter_->note(in(other));
    EXPECT_EQ(of(tool_), Downloads()) << "not written yet";
    EXPECT_EQ(counter_->write(database()), 2);
    EXPECT_EQ(counter_->write(database()), 0) << "each once";
    EXPECT_EQ(of(tool_), (Downloads{.count = 3, .last_day = today()}));
    const std::int64_t first = today();
    clock().advance(std::chrono::hours(23));
    counter_->note(in(tool_));
    clock().advance(std::chrono::hours(1));
    counter_->note(in(tool_));
    counter_->write(database());
    EXPECT_EQ(of(tool_), (Downloads{.count = 5, .last_day = first + 1}));
    EXPECT_EQ(of_package(tool_), (Downloads{.count = 6, .last_day = first + 1}));
    EXPECT_EQ(run_sql("SELECT count(DISTINCT day) FROM downloads"), "2");
    EXPECT_EQ(run_sql("SELECT sum(count) FROM downloads"), "6");
}

TEST_P(CountDownloadsTest, NodesAddToWhatOthersWrote) {
    DownloadCounter other(context());
    test::run_at_once(8, [&](int i) {
        DownloadCounter& mine = i % 2 == 0 ? *counter_ : other;
        for (int n = 0; n < 100; ++n) mine.note(in(tool_));
        mine.write(database());
    });
    counter_->write(database());
    other.write(database());
    EXPECT_EQ(of(tool_).count, 800);
}

TEST_P(CountDownloadsTest, IsDueByTimeOrAmount) {
    clock().advance(limits::download_write_interval);
    EXPECT_FALSE(counter_->is_due()) << "there is nothing";
    counter_->note(in(tool_));
    EXPECT_TRUE(counter_->is_due());
    counter_->write(database());
    counter_->note(in(tool_));
    EXPECT_FALSE(counter_->is_due()) << "it was written just now";
    for (std::size_t i = 0; i < limits::counted_versions / 2; ++i)
        counter_->note({place_of(tool_.package), new_id<VersionId>()});
    EXPECT_TRUE(counter_->is_due());
}

TEST_P(CountDownloadsTest, KeepsWithinItsMemory) {
    for (std::size_t i = 0; i < limits::counted_versions; ++i)
        counter_->note({place_of(tool_.package), new_id<VersionId>()});
    counter_->note(in(tool_));
    EXPECT_NE(context().metrics.render().find("lodestone_downloads_uncounted_total 1\n"), std::string::npos);
    EXPECT_EQ(counter_->write(database()), limits::counted_versions) << "of versions that are not there";
    EXPECT_EQ(run_sql("SELECT count(*) FROM downloads"), "0");
    counter_->note(in(tool_));
    counter_->write(database());
    EXPECT_EQ(of(tool_).count, 1) << "there is room again";
}

TEST_P(CountDownloadsTest, WhatCannotBeWrittenWaits) {
    counter_->note(in(tool_));
    run_sql("ALTER TABLE download_totals RENAME TO hidden");
    EXPECT_ANY_THROW(counter_->write(database()));
    run_sql("ALTER TABLE hidden RENAME TO download_totals");
    EXPECT_EQ(run_sql("SELECT count(*) FROM downloads"), "0") << "neither statement, or both";
    counter_->note(in(tool_));
    counter_->write(database());
    EXPECT_EQ(of(tool_).count, 2);
}

TEST_P(CountDownloadsTest, GoWithTheirVersion) {
    counter_->note(in(tool_));
    counter_->write(database());
    write([&](Tx& tx) { return delete_version(tx, removing(), tool_.package, tool_.version); });
    counter_->note(in(tool_));
    counter_->write(database());
    EXPECT_EQ(of(tool_).count, 2) << "it may come back";
    clock().advance(std::chrono::hours(1));
    counter_->note(in(tool_));
    while (write([&](Tx& tx) { return purge_versions(tx, clock().now()); }) > 0) {
    }
    counter_->write(database());
    EXPECT_EQ(run_sql("SELECT count(*) FROM downloads") + run_sql("SELECT count(*) FROM download_totals"),
              "00");
}

}  // namespace
}  // namespace lodestone::packages
