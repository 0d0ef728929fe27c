// A listing: filters from an allow-list, an order from an allow-list, one page at a time. Each order is a
// statement of its own, written in full:
//
//     SELECT … FROM tenants
//     WHERE deleted_at IS NULL AND ($1 IS NULL OR status = $1) AND (created_at, id) > ($2, $3)
//     ORDER BY created_at, id LIMIT $4
//
// Its parameters are the owners, the members of the filters, then key and id of the row that the page before
// ended with (on the first page, ones that stand before all rows: an index can begin there, which it could
// not behind `$2 IS NULL OR`), then the limit. A sort whose name begins with "-" goes down: `<` and DESC.
#pragma once

#include <functional>
#include <string>
#include <tuple>

#include "db/filters.hpp"
#include "db/page.hpp"
#include "db/tx.hpp"
#include "db/value_json.hpp"

namespace lodestone::db {

template <class Noun, class Filters, class Key, class... Owners>
using ListQuery = boost::mp11::mp_append<Query<Noun>, boost::mp11::mp_list<Owners...>, FieldTypes<Filters>,
                                         boost::mp11::mp_list<Key, std::string, std::int64_t>>;

struct IdOfNoun {
    template <class Noun>
    const std::string& operator()(const Noun& noun) const {
        return noun.id.text();
    }
};

// `key` takes from a row what the statement sorts by: a member, or a function. `id`, for rows that have no
// member of that name, takes what tells rows with the same key apart, as text.
template <class QueryType, class KeyOf, class IdOf = IdOfNoun>
struct Sort {
    std::string_view name;
    const QueryType& query;
    KeyOf key;
    IdOf id{};
};

template <class SortType>
struct SortTraits;
template <class Noun, class... Parameters, class KeyOf, class IdOf>
struct SortTraits<Sort<Query<Noun, Parameters...>, KeyOf, IdOf>> {
    using Row = Noun;
    using Key = std::remove_cvref_t<std::invoke_result_t<const KeyOf&, const Noun&>>;
};

[[noreturn]] void refuse_sort(const std::string& asked, const std::vector<std::string_view>& known);

// What a cursor is bound to: the statement, whose rows, and which of them.
template <class Filters, class... Owners>
std::string listing_name(const Statement& query, const Filters& filters, const Owners&... owners) {
    std::string name(query.name());
    const auto append = [&name](const auto& value) {
        name += ' ';
        append_json(name, Codec<std::remove_cvref_t<decltype(value)>>::to_value(value));
    };
    (append(owners), ...);
    for_each_member(filters, [&append](std::string_view, const auto& field) { append(field); });
    return name;
}

// Where the page begins: behind the cursor, or before all rows.
template <class Key>
std::pair<Key, std::string> page_start(const ListRequest& request, std::string_view listing,
                                       bool is_descending) {
    if (request.cursor.empty()) return {is_descending ? KeyText<Key>::last() : KeyText<Key>::first(), {}};
    auto cursor = parse_cursor(request.cursor, listing);
    auto key = cursor ? KeyText<Key>::parse(cursor->key) : std::nullopt;
    if (!key) refuse_cursor();
    return {*std::move(key), std::move(cursor->id)};
}

template <class SortType, class Filters, class... Owners>
auto list_sorted(Tx& tx, const ListRequest& request, const SortType& sort, const Filters& filters,
                 const Owners&... owners) {
    using Traits = SortTraits<SortType>;
    const std::string listing = listing_name(sort.query, filters, owners...);
    const auto start = page_start<typename Traits::Key>(request, listing, sort.name.starts_with('-'));
    const std::int64_t limit = page_limit(request.limit);
    Page<typename Traits::Row> page;
    const auto ask = [&](const auto&... fields) {
        // One more than the page holds tells whether there is another.
        page.items = tx.all(sort.query, owners..., fields..., start.first, start.second, limit + 1);
    };
    std::apply(ask, member_tuple(filters));
    if (static_cast<std::int64_t>(page.items.size()) <= limit) return page;
    page.items.pop_back();
    const auto& last = page.items.back();
    page.next = render_cursor(
        {.key = KeyText<typename Traits::Key>::render(std::invoke(sort.key, last)), .id = sort.id(last)},
        listing);
    return page;
}

// The page that is asked for; refuses what the allow-lists do not have. The first sort is the default.
template <class Filters, class First, class... Others, class... Owners>
auto list_page(Tx& tx, const ListRequest& request, const std::tuple<First, Others...>& sorts,
               const Owners&... owners) {
    const auto filters = parse_filters<Filters>(request.filters);
    const std::string_view wanted =
        request.sort.empty() ? std::get<0>(sorts).name : std::string_view(request.sort);
    Page<typename SortTraits<First>::Row> page;
    const auto list_if_wanted = [&](const auto& sort) {
        if (sort.name != wanted) return false;
        page = list_sorted(tx, request, sort, filters, owners...);
        return true;
    };
    const auto try_all = [&](const auto&... sort) {
        if (!(list_if_wanted(sort) || ...)) refuse_sort(request.sort, {sort.name...});
    };
    std::apply(try_all, sorts);
    return page;
}

}  // namespace lodestone::db
