// How the program's types become SQL values and come back. To store a type of your own, specialise Codec for
// it beside the type.
#pragma once

#include <algorithm>
#include <array>
#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/clock.hpp"
#include "base/ensure.hpp"
#include "base/id.hpp"
#include "base/number_id.hpp"
#include "db/value.hpp"

namespace lodestone::db {

// kind: what the column is; to_value(): views into `value`, which outlives it; from_row(): one column.
template <class T>
struct Codec;

template <>
struct Codec<bool> {
    static constexpr Kind kind = Kind::boolean;
    static Value to_value(bool value) { return {.kind = kind, .declared = kind, .integer = value ? 1 : 0}; }
    static bool from_row(const Row& row, int column) { return row.boolean(column); }
};

template <>
struct Codec<std::int64_t> {
    static constexpr Kind kind = Kind::integer;
    static Value to_value(std::int64_t value) { return {.kind = kind, .declared = kind, .integer = value}; }
    static std::int64_t from_row(const Row& row, int column) { return row.integer(column); }
};

template <>
struct Codec<double> {
    static constexpr Kind kind = Kind::real;
    static Value to_value(double value) { return {.kind = kind, .declared = kind, .real = value}; }
    static double from_row(const Row& row, int column) { return row.real(column); }
};

template <>
struct Codec<std::string> {
    static constexpr Kind kind = Kind::text;
    static Value to_value(std::string_view value) { return {.kind = kind, .declared = kind, .text = value}; }
    static std::string from_row(const Row& row, int column) { return std::string(row.text(column)); }
};

// A parameter only: a row's text would not outlive the row.
template <>
struct Codec<std::string_view> {
    static constexpr Kind kind = Kind::text;
    static Value to_value(std::string_view value) { return Codec<std::string>::to_value(value); }
};

template <>
struct Codec<Bytes> {
    static constexpr Kind kind = Kind::bytes;
    static Value to_value(const Bytes& value) {
        return {.kind = kind,
                .declared = kind,
                .text = {reinterpret_cast<const char*>(value.data()), value.size()}};
    }
    static Bytes from_row(const Row& row, int column) {
        const auto bytes = row.bytes(column);
        return {bytes.begin(), bytes.end()};
    }
};

// Microseconds UTC, in both engines.
template <>
struct Codec<Time> {
    static constexpr Kind kind = Kind::integer;
    static Value to_value(Time value) {
        return Codec<std::int64_t>::to_value(value.time_since_epoch().count());
    }
    static Time from_row(const Row& row, int column) {
        return Time{std::chrono::microseconds{row.integer(column)}};
    }
};

template <class Noun>
struct Codec<Id<Noun>> {
    static constexpr Kind kind = Kind::text;
    static Value to_value(const Id<Noun>& value) { return Codec<std::string>::to_value(value.text()); }
    static Id<Noun> from_row(const Row& row, int column) {
        return Id<Noun>::trusted(std::string(row.text(column)));
    }
};

template <class Noun>
struct Codec<NumberId<Noun>> {
    static constexpr Kind kind = Kind::integer;
    static Value to_value(const NumberId<Noun>& value) {
        return Codec<std::int64_t>::to_value(value.value());
    }
    static NumberId<Noun> from_row(const Row& row, int column) {
        return NumberId<Noun>::trusted(row.integer(column));
    }
};

// Bytes of one length: a digest.
template <std::size_t Size>
struct Codec<std::array<std::uint8_t, Size>> {
    static constexpr Kind kind = Kind::bytes;
    static Value to_value(const std::array<std::uint8_t, Size>& value) {
        return {.kind = kind,
                .declared = kind,
                .text = {reinterpret_cast<const char*>(value.data()), value.size()}};
    }
    static std::array<std::uint8_t, Size> from_row(const Row& row, int column) {
        const auto bytes = row.bytes(column);
        ensure(bytes.size() == Size, "stored bytes have the length that they were written with");
        std::array<std::uint8_t, Size> value{};
        std::ranges::transform(bytes, value.begin(),
                               [](std::byte one) { return static_cast<std::uint8_t>(one); });
        return value;
    }
};

// A described enumeration (BOOST_DESCRIBE_ENUM) is stored by its name.
template <class E>
    requires std::is_enum_v<E> && boost::describe::has_describe_enumerators<E>::value
struct Codec<E> {
    static constexpr Kind kind = Kind::text;
    static Value to_value(E value) {
        const char* name = boost::describe::enum_to_string(value, nullptr);
        ensure(name != nullptr, "an enumeration's value has a name");
        return Codec<std::string>::to_value(name);
    }
    static E from_row(const Row& row, int column) {
        const std::string name(row.text(column));
        E value{};
        ensure(boost::describe::enum_from_string(name.c_str(), value), "the stored name is one of ours");
        return value;
    }
};

template <class T>
struct Codec<std::optional<T>> {
    static constexpr Kind kind = Codec<T>::kind;
    static Value to_value(const std::optional<T>& value) {
        return value ? Codec<T>::to_value(*value) : Value{.kind = Kind::null, .declared = kind};
    }
    static std::optional<T> from_row(const Row& row, int column) {
        if (row.is_null(column)) return std::nullopt;
        return Codec<T>::from_row(row, column);
    }
};

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

}  // namespace lodestone::db
