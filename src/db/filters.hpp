// Filters of a listing: a described struct of optionals is the list of what may be asked for, and each
// member's type says which values it takes.
//
//     struct TenantFilters {
//         std::optional<TenantStatus> status;
//         std::optional<db::Prefix> name;
//     };
#pragma once

#include <boost/describe/enumerators.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/enum_text.hpp"
#include "base/time_text.hpp"
#include "db/members.hpp"
#include "db/search.hpp"

namespace lodestone::db {

using FilterTexts = std::vector<std::pair<std::string, std::string>>;  // name, value

[[noreturn]] void refuse_filter(std::string_view name, const std::vector<std::string_view>& known);
[[noreturn]] void refuse_filter_value(std::string_view name, const std::vector<std::string_view>& known);
void check_filter_texts(const FilterTexts& texts);

// parse(): a value from outside, or nothing. names(): all there are, where they can be listed.
template <class T>
struct FilterText;

template <>
struct FilterText<std::string> {
    static std::optional<std::string> parse(const std::string& text) { return text; }
    static std::vector<std::string_view> names() { return {}; }
};

template <>
struct FilterText<Prefix> {
    static std::optional<Prefix> parse(const std::string& text) { return Prefix(text); }
    static std::vector<std::string_view> names() { return {}; }
};

template <>
struct FilterText<Substring> {
    static std::optional<Substring> parse(const std::string& text) { return Substring(text); }
    static std::vector<std::string_view> names() { return {}; }
};

template <>
struct FilterText<bool> {
    static std::optional<bool> parse(const std::string& text) {
        if (text != "true" && text != "false") return std::nullopt;
        return text == "true";
    }
    static std::vector<std::string_view> names() { return {"true", "false"}; }
};

template <>
struct FilterText<Time> {
    static std::optional<Time> parse(const std::string& text) { return parse_rfc3339(text); }
    static std::vector<std::string_view> names() { return {}; }
};

template <class Noun>
struct FilterText<Id<Noun>> {
    static std::optional<Id<Noun>> parse(const std::string& text) { return parse_id<Id<Noun>>(text); }
    static std::vector<std::string_view> names() { return {}; }
};

template <class E>
    requires std::is_enum_v<E>
struct FilterText<E> {
    static std::optional<E> parse(const std::string& text) { return find_enumerator<E>(text); }
    static std::vector<std::string_view> names() {
        std::vector<std::string_view> all;
        boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>(
            [&all](auto enumerator) { all.emplace_back(enumerator.name); });
        return all;
    }
};

// Refuses filters that are unknown, asked for twice, or have no such value.
template <class Filters>
Filters parse_filters(const FilterTexts& texts) {
    check_filter_texts(texts);
    Filters filters;
    for (const auto& [wanted, text] : texts) {
        bool is_known = false;
        std::vector<std::string_view> known;
        for_each_member(filters, [&](std::string_view name, auto& field) {
            known.push_back(name);
            if (name != wanted) return;
            using Text = FilterText<typename std::remove_reference_t<decltype(field)>::value_type>;
            is_known = true;
            field = Text::parse(text);
            if (!field) refuse_filter_value(name, Text::names());
        });
        if (!is_known) refuse_filter(wanted, known);
    }
    return filters;
}

}  // namespace lodestone::db
