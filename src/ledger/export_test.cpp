// The export is whole, in order, in pages, and its lines are what was hashed.
#include "ledger/export.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "base/limits.hpp"
#include "db/migrate/checksum.hpp"
#include "ledger/audit.hpp"
#include "ledger/canonical.hpp"
#include "ledger/chain.hpp"
#include "support/databases.hpp"

namespace lodestone::ledger {
namespace {

using db::Tx;

class ExportTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (!IsSkipped()) database().keep_records(make_record_keeper(context()));
    }
    void make_entries(int count, const std::string& tenant) {
        write([&](Tx& tx) {
            for (int i = 0; i < count; ++i)
                tx.record({.action = "thing.make", .tenant = tenant, .subject = "a", .details = "{}"});
        });
    }
    // Every line of the export; `pages` counts what it took.
    std::vector<std::string> export_all(ExportPlace place, int* pages = nullptr) {
        std::vector<std::string> lines;
        while (!place.is_done) {
            const ExportPage page = read([&](Tx& tx) { return export_audit(tx, place); });
            for (std::size_t at = 0; at < page.lines.size();) {
                const auto end = page.lines.find('\n', at);
                lines.push_back(page.lines.substr(at, end - at));
                at = end + 1;
            }
            place = page.next;
            if (pages != nullptr) ++*pages;
        }
        return lines;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(ExportTest);

TEST_P(ExportTest, EachLineCanBeCheckedWithoutUs) {
    make_entries(2, "acme");
    write(sequence_entries);
    clock().advance(std::chrono::seconds(1));
    make_entries(1, "");
    const auto lines = export_all({});
    ASSERT_EQ(lines.size(), 3u);
    std::string head(empty_head);
    for (std::int64_t number = 1; number <= 2; ++number) {
        const auto line = boost::json::parse(lines[static_cast<std::size_t>(number - 1)]).as_object();
        EXPECT_EQ(line.at("sequence").as_int64(), number);
        const std::string& text = lines[static_cast<std::size_t>(number - 1)];
        const auto end = text.find(",\"sequence\":");
        const std::string entry = text.substr(9, end - 9);
        EXPECT_EQ(line.at("leaf").as_string(), db::sha256_hex(std::string(1, '\0') + entry));
        head = chain_head(head, std::string(line.at("leaf").as_string()));
        EXPECT_EQ(line.at("head").as_string(), head);
    }
    EXPECT_TRUE(lines[2].ends_with(R"("tenant":null},"sequence":null,"leaf":null,"head":null})")) << lines[2];
}

TEST_P(ExportTest, ItGoesPageByPage) {
    make_entries(static_cast<int>(limits::audit_batch) + 3, "acme");
    make_entries(2, "other");
    int pages = 0;
    EXPECT_EQ(export_all({}, &pages).size(), static_cast<std::size_t>(limits::audit_batch) + 5);
    EXPECT_EQ(pages, 2);
    EXPECT_EQ(export_all({.tenant = TenantId::trusted("other")}).size(), 2u);
    EXPECT_EQ(export_all({.tenant = TenantId::trusted("nobody")}).size(), 0u);
}

TEST_P(ExportTest, ItKeepsToTheTimes) {
    make_entries(1, "acme");
    clock().advance(std::chrono::hours(1));
    const Time middle = clock().now();
    make_entries(2, "acme");
    EXPECT_EQ(export_all({.since = middle}).size(), 2u) << "since is included";
    EXPECT_EQ(export_all({.until = middle}).size(), 1u) << "until is not";
}

}  // namespace
}  // namespace lodestone::ledger
