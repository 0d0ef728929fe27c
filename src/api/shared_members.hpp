// From an input to a row, and from a row to a view: what has the same name in both is carried over. Only what
// the input's struct, or the view's, lists is ever touched, and a name that the other side lacks does not
// compile.
#pragma once

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>
#include <limits>

#include "api/json_types.hpp"
#include "base/json_text.hpp"
#include "db/members.hpp"

namespace lodestone::api {

// carry(): one field to its counterpart. Nothing is carried where a change leaves a field out.
template <class T>
void carry(const T& from, T& to) {
    to = from;
}
template <std::size_t most, std::size_t least>
void carry(const Text<most, least>& from, std::string& to) {
    to = from.value;
}
template <std::int64_t least, std::int64_t most>
void carry(const Number<least, most>& from, std::int64_t& to) {
    to = from.value;
}
inline void carry(const JsonObject& from, std::string& to) {
    to = from.text;
}
inline void carry(const JsonList& from, std::string& to) {
    to = from.text;
}
inline void carry(const std::string& from, JsonList& to) {
    to.text = from;
}
inline void carry(const std::string& from, JsonObject& to) {
    to.text = from;
}
inline void carry(const std::string& from, StoredList& to) {
    to.text = from;
}
template <std::size_t most, std::size_t least>
void carry(const std::vector<Text<most, least>>& from, std::string& to) {
    to = "[";
    for (const auto& item : from) {
        if (to.size() > 1) to += ',';
        append_json_string(to, item.value);
    }
    to += ']';
}
template <class From, class To>
    requires(!std::is_same_v<std::optional<From>, To>)
void carry(const std::optional<From>& from, To& to);
template <class From, class To>
void carry(const Clearable<From>& from, std::optional<To>& to);
template <class From, class To>
    requires(!std::is_same_v<From, To>)
void carry(const std::vector<From>& from, std::vector<To>& to) {
    to.clear();
    for (const From& item : from) carry(item, to.emplace_back());
}
template <class From, class To>
    requires(!std::is_same_v<std::optional<From>, To>)
void carry(const std::optional<From>& from, To& to) {
    if (from) carry(*from, to);
}
template <class From, class To>
void carry(const Clearable<From>& from, std::optional<To>& to) {
    if (!from.is_given) return;
    to.reset();
    if (from.value) carry(*from.value, to.emplace());
}

template <class Struct>
consteval std::size_t find_member(std::string_view name) {
    std::size_t at = 0;
    std::size_t found = std::numeric_limits<std::size_t>::max();
    boost::mp11::mp_for_each<db::Members<Struct>>([&](auto member) {
        if (name == member.name) found = at;
        ++at;
    });
    return found;
}
template <class Struct>
consteval bool has_member(std::string_view name) {
    return find_member<Struct>(name) != std::numeric_limits<std::size_t>::max();
}

// A change, or what something new begins with, into the row. `id` is left to whoever makes it.
template <class Input, class Row>
void apply(const Input& input, Row& row) {
    boost::mp11::mp_for_each<db::Members<Input>>([&](auto member) {
        using Member = decltype(member);
        constexpr bool is_known = has_member<Row>(Member::name);
        static_assert(is_known, "each field of an input is a member of the row");
        using Target = boost::mp11::mp_at_c<db::Members<Row>, find_member<Row>(Member::name)>;
        carry(input.*Member::pointer, row.*Target::pointer);
    });
}

template <class View, class Row>
View make_view(const Row& row) {
    View view;
    boost::mp11::mp_for_each<db::Members<View>>([&](auto member) {
        using Member = decltype(member);
        constexpr bool is_known = has_member<Row>(Member::name);
        static_assert(is_known, "each field of a view is a member of the row");
        using Source = boost::mp11::mp_at_c<db::Members<Row>, find_member<Row>(Member::name)>;
        carry(row.*Source::pointer, view.*Member::pointer);
    });
    return view;
}

}  // namespace lodestone::api
