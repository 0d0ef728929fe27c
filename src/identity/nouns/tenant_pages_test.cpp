// Listings page by page, with tenants as what is listed: nothing is missed or seen twice while others come
// and go, and what is no cursor of this list is refused.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/limits.hpp"
#include "identity/nouns/tenant.hpp"
#include "support/databases.hpp"

namespace lodestone::identity {
namespace {

using db::ListRequest;
using db::Tx;

using Names = std::vector<std::string>;

class TenantPagesTest : public test::OnEveryDatabase {
  protected:
    Tenant insert(const std::string& name) {
        return write([&](Tx& tx) {
            Tenant tenant;
            tenant.id = new_id<TenantId>();
            tenant.name = name;
            return insert_tenant(tx, tenant);
        });
    }
    void insert_alphabet(char last) {
        for (char c = 'a'; c <= last; ++c) insert(std::string("tenant ") + c);
    }
    db::Page<Tenant> list(const ListRequest& request) {
        return read([&](Tx& tx) { return list_tenants(tx, request); });
    }
    // Everything, page after page; `between` runs after each.
    Names walk(ListRequest request, const std::function<void()>& between = [] {}) {
        Names names;
        do {
            const auto page = list(request);
            EXPECT_LE(page.items.size(), static_cast<std::size_t>(*request.limit));
            for (const Tenant& tenant : page.items) names.push_back(tenant.name);
            request.cursor = page.next;
            between();
        } while (!request.cursor.empty());
        return names;
    }
    std::string refusal_of_list(const ListRequest& request) {
        return refusal_of([&](Tx& tx) { list_tenants(tx, request); });
    }
};
INSTANTIATE_ON_EVERY_DATABASE(TenantPagesTest);

TEST_P(TenantPagesTest, EveryPageSizeGivesTheSameList) {
    insert_alphabet('g');
    for (const char* sort : {"name", "created_at", "-created_at"}) {
        const Names whole = walk({.sort = sort, .limit = 100});
        EXPECT_EQ(whole.size(), 7u);
        for (const std::int64_t limit : {1, 2, 3, 6, 7, 8})
            EXPECT_EQ(walk({.sort = sort, .limit = limit}), whole) << sort << " by " << limit;
    }
}

TEST_P(TenantPagesTest, RowsOfOneMomentKeepTheirOrder) {
    insert_alphabet('g');  // the clock stands still
    Names down = walk({.sort = "-created_at", .limit = 2});
    std::ranges::reverse(down);
    EXPECT_EQ(down, walk({.sort = "created_at", .limit = 3}));
}

TEST_P(TenantPagesTest, WhatComesAndGoesMovesNothing) {
    insert_alphabet('h');
    int round = 0;
    const auto disturb = [&] {
        // One comes in front of everything, one that was seen goes.
        insert("tenant A" + std::to_string(round));
        const auto seen = read([&](Tx& tx) {
            return find_tenant_by_name(tx, "tenant " + std::string(1, static_cast<char>('a' + round)));
        });
        if (seen) write([&](Tx& tx) { delete_tenant(tx, *seen); });
        ++round;
    };
    EXPECT_EQ(walk({.limit = 3}, disturb), (Names{"tenant a", "tenant b", "tenant c", "tenant d", "tenant e",
                                                  "tenant f", "tenant g", "tenant h"}));
}

TEST_P(TenantPagesTest, TheLastRowOfAPageMayGo) {
    insert_alphabet('d');
    const auto first = list({.limit = 2});
    write([&](Tx& tx) { delete_tenant(tx, first.items.back()); });
    EXPECT_EQ(list({.limit = 2, .cursor = first.next}).items.front().name, "tenant c");
}

TEST_P(TenantPagesTest, ThereIsNoCursorBehindTheEnd) {
    EXPECT_EQ(list({}).next, "");
    insert_alphabet('b');
    EXPECT_EQ(list({.limit = 2}).next, "");
    EXPECT_NE(list({.limit = 1}).next, "");
}

TEST_P(TenantPagesTest, LimitsAreClamped) {
    insert_alphabet('c');
    EXPECT_EQ(list({.limit = 0}).items.size(), 1u);
    EXPECT_EQ(list({.limit = -5}).items.size(), 1u);
    EXPECT_EQ(list({.limit = std::numeric_limits<std::int64_t>::max()}).items.size(), 3u);
}

TEST_P(TenantPagesTest, ACursorIsForItsOwnListOnly) {
    insert_alphabet('d');
    const std::string cursor = list({.limit = 2}).next;
    const std::string sentence =
        "invalid-input: The cursor belongs to another list, or is damaged: ask for the first page again, "
        "without a cursor.";
    for (const ListRequest& other :
         {ListRequest{.sort = "created_at", .cursor = cursor},
          ListRequest{.filters = {{"status", "active"}}, .cursor = cursor},
          ListRequest{.filters = {{"name", "t"}}, .cursor = cursor}, ListRequest{.cursor = "AAAA"},
          ListRequest{.cursor = cursor + "A"}, ListRequest{.cursor = std::string(5'000, 'A')}})
        EXPECT_EQ(refusal_of_list(other), sentence);
    std::string changed = cursor;
    for (char& c : changed) {
        const char before = std::exchange(c, c == 'Q' ? 'R' : 'Q');
        EXPECT_EQ(refusal_of_list({.cursor = changed}), sentence) << changed;
        c = before;
    }
    EXPECT_EQ(list({.sort = "name", .limit = 1, .cursor = cursor}).items.front().name, "tenant c")
        << "another limit, or the default said aloud, is the same list";
}

TEST_P(TenantPagesTest, WhatIsNotOnTheListsIsRefused) {
    const std::pair<ListRequest, std::string> cases[] = {
        {{.sort = "version"}, "Nothing is sorted by version here; there are: name, created_at, -created_at."},
        {{.sort = "name; DROP TABLE tenants"},
         "Nothing is sorted by name; DROP TABLE tenants here; there are: name, created_at, -created_at."},
        {{.filters = {{"metadata", "x"}}}, "There is no filter metadata; there are: status, name, search."},
        {{.filters = {{"status", "gone"}}}, "The filter status takes one of: active, suspended."},
        {{.filters = {{"name", "a"}, {"name", "b"}}}, "The filter name stands there twice."},
        {{.filters = {{"name", std::string("a\0", 2)}}},
         "The value of the filter name is not UTF-8, or too long."},
        {{.filters = {{"name", "\xFF"}}}, "The value of the filter name is not UTF-8, or too long."},
        {{.filters = {{"name", std::string(limits::filter_bytes + 1, 'a')}}},
         "The value of the filter name is not UTF-8, or too long."},
    };
    for (const auto& [request, sentence] : cases)
        EXPECT_EQ(refusal_of_list(request), "invalid-input: " + sentence);
}

}  // namespace
}  // namespace lodestone::identity
