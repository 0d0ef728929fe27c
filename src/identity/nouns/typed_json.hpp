// Settings kept as JSON, read into described structs: what is unknown, has another type or is out of range is
// refused with the field's path, "settings.password_policy.min_length", so that nothing is stored that nobody
// will ever look at.
//
//     struct AccountLockout {
//         bool enabled = true;
//         std::int64_t max_attempts = 5;
//     };
//     BOOST_DESCRIBE_STRUCT(AccountLockout, (), (enabled, max_attempts))
//     const auto lockout = read_typed<AccountLockout>("lockout", text);
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "db/filters.hpp"
#include "db/members.hpp"

namespace lodestone::identity {

// The text as an object; refuses what is none, or too long.
boost::json::object open_object(std::string_view what, std::string_view text);

// "The field settings.max_users must be a whole number."
[[noreturn]] void refuse_field(const std::string& path, std::string_view wish);
[[noreturn]] void refuse_unknown_field(const std::string& path, std::string_view name,
                                       const std::vector<std::string_view>& known);
[[noreturn]] void refuse_field_name(const std::string& path, const std::vector<std::string_view>& names);

void check_range(const std::string& path, std::int64_t value, std::int64_t least, std::int64_t most);
void check_range(const std::string& path, std::optional<std::int64_t> value, std::int64_t least,
                 std::int64_t most);
void check_text(const std::string& path, std::string_view text);
void check_list_size(const std::string& path, std::size_t entries);

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
void read_object(const std::string& path, const boost::json::object& json, T& into);

// Null is as good as absent where absence means something.
template <class T>
void read_value(const std::string& path, const boost::json::value& json, T& into) {
    if constexpr (db::is_optional<T>) {
        if (json.is_null())
            into.reset();
        else
            read_value(path, json, into.emplace());
    } else if constexpr (std::is_same_v<T, bool>) {
        if (!json.is_bool()) refuse_field(path, "true or false");
        into = json.get_bool();
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
        if (!json.is_int64()) refuse_field(path, "a whole number");
        into = json.get_int64();
    } else if constexpr (std::is_same_v<T, double>) {
        if (!json.is_number()) refuse_field(path, "a number");
        into = json.to_number<double>();
    } else if constexpr (std::is_same_v<T, std::string>) {
        if (!json.is_string()) refuse_field(path, "a text");
        into = std::string(json.get_string());
        check_text(path, into);
    } else if constexpr (std::is_same_v<T, boost::json::object>) {
        if (!json.is_object()) refuse_field(path, "an object");
        into = json.get_object();
    } else if constexpr (is_vector<T>) {
        if (!json.is_array()) refuse_field(path, "a list");
        check_list_size(path, json.get_array().size());
        into.clear();
        for (const boost::json::value& entry : json.get_array())
            read_value(path + "[" + std::to_string(into.size()) + "]", entry, into.emplace_back());
    } else if constexpr (std::is_enum_v<T>) {
        const auto name =
            json.is_string() ? db::FilterText<T>::parse(std::string(json.get_string())) : std::nullopt;
        if (!name) refuse_field_name(path, db::FilterText<T>::names());
        into = *name;
    } else {
        if (!json.is_object()) refuse_field(path, "an object");
        read_object(path, json.get_object(), into);
    }
}

template <class T>
void read_object(const std::string& path, const boost::json::object& json, T& into) {
    for (const auto& [key, value] : json) {
        bool is_known = false;
        std::vector<std::string_view> known;
        db::for_each_member(into, [&](std::string_view name, auto& field) {
            known.push_back(name);
            if (name != std::string_view(key)) return;
            is_known = true;
            read_value(path + "." + std::string(name), value, field);
        });
        if (!is_known) refuse_unknown_field(path, key, known);
    }
}

// `what` is the field that the text is the value of: the first part of every path.
template <class T>
T read_typed(std::string_view what, std::string_view text) {
    T typed;
    read_object(std::string(what), open_object(what, text), typed);
    return typed;
}

}  // namespace lodestone::identity
