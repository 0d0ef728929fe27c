// What nouns have in common over HTTP: how one is shown, changed and deleted. A noun's own file says only
// where it is found and what changes.
//
// `find` takes a Tx and answers with an optional row; `change` takes a Tx and the row that was found, and
// answers with what is stored then.
#pragma once

#include <boost/describe/class.hpp>
#include <string>
#include <string_view>

#include "api/call.hpp"
#include "api/shared_members.hpp"

namespace lodestone::api {

// What every noun's view ends with.
struct Stamped {
    db::Version version = 0;
    Time created_at;
    std::string created_by;
    Time updated_at;
    std::string updated_by;
};
BOOST_DESCRIBE_STRUCT(Stamped, (), (version, created_at, created_by, updated_at, updated_by))

// Of a list: for each noun the same two ways to search.
using SearchText = std::optional<Text<limits::filter_bytes>>;

template <class View, class Find>
Task<Shown<View>> show_found(Call& call, std::string_view kind, std::string id, Find find) {
    const auto found = co_await call.read(std::move(find));
    if (!found) db::refuse_absent(kind, id);
    co_return Shown<View>{make_view<View>(*found)};
}

// If-Match is heeded when it is there: for deeds that are the same whatever else was changed meanwhile.
template <class View, class Find, class Change>
Task<Acted<View>> act_on_seen(Call& call, std::string_view kind, std::string id, Find find, Change change) {
    const Expectation expectation = call.expectation();
    auto run = [&](db::Tx& tx) {
        return make_view<View>(change(tx, expectation.expect(find(tx), kind, id)));
    };
    View view = co_await call.write(std::move(run));
    co_return Acted<View>{{std::move(view)}};
}

// If-Match is required: a change of fields must not undo what somebody else has changed.
template <class View, class Find, class Change>
Task<Acted<View>> change_seen(Call& call, std::string_view kind, std::string id, Find find, Change change) {
    call.expectation().require(kind);
    return act_on_seen<View>(call, kind, std::move(id), std::move(find), std::move(change));
}

template <class Find, class Delete>
Task<Removed> delete_seen(Call& call, std::string_view kind, std::string id, Find find, Delete mark_deleted) {
    const Expectation expectation = call.expectation();
    auto run = [&](db::Tx& tx) { mark_deleted(tx, expectation.expect(find(tx), kind, id)); };
    co_await call.write(std::move(run));
    co_return Removed{};
}

template <class View, class List>
Task<Listed<View>> list_found(Call& call, List list) {
    const auto page = co_await call.read(std::move(list));
    co_return list_views<View>(page, [](const auto& row) { return make_view<View>(row); });
}

}  // namespace lodestone::api
