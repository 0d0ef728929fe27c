// Pages of a listing at different depths, timed on the database's thread: what is flat is the SQL.
#include <algorithm>
#include <chrono>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "cases.hpp"
#include "identity/nouns/tenant.hpp"

namespace lodestone::bench {

namespace {

constexpr std::int64_t page_size = 10;

using Page = db::Page<identity::Tenant>;

Page list(db::Database& database, std::int64_t limit, const std::string& cursor) {
    return database.read_now({}, [&](db::Tx& tx) {
        return identity::list_tenants(tx, {.filters = {}, .sort = "name", .limit = limit, .cursor = cursor});
    });
}

// Where the page of that number begins: behind all the rows of those before it.
std::string walk_to(db::Database& database, std::int64_t page) {
    std::string cursor;
    std::int64_t left = 0;
    for (left = (page - 1) * page_size; left > 0; left -= std::min(left, limits::page_rows_most)) {
        cursor = list(database, std::min(left, limits::page_rows_most), cursor).next;
        ensure(!cursor.empty(), "there are enough tenants");
    }
    return cursor;
}

double time_page(db::Database& database, const std::string& cursor) {
    return database.read_now({}, [&](db::Tx& tx) {
        const auto start = std::chrono::steady_clock::now();
        const Page page =
            identity::list_tenants(tx, {.filters = {}, .sort = "name", .limit = page_size, .cursor = cursor});
        const auto took = std::chrono::steady_clock::now() - start;
        ensure(page.items.size() == page_size, "the page is full");
        return std::chrono::duration<double, std::micro>(took).count();
    });
}

}  // namespace

std::vector<double> time_pages(const CaseOptions& options, const std::vector<std::int64_t>& depths) {
    World world(options.address);
    db::Database& database = world.database();
    std::vector<std::string> cursors;
    for (const std::int64_t depth : depths) cursors.push_back(walk_to(database, depth));
    std::vector<std::vector<double>> took(depths.size());
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.seconds);
    while (std::chrono::steady_clock::now() < end)
        for (std::size_t at = 0; at < depths.size(); ++at)
            took[at].push_back(time_page(database, cursors[at]));
    std::vector<double> medians;
    for (auto& times : took) {
        std::ranges::sort(times);
        medians.push_back(times[times.size() / 2]);
    }
    return medians;
}

}  // namespace lodestone::bench
