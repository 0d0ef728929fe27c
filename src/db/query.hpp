// Statements with types: what they take and what a row of their answer becomes. A described struct
// (BOOST_DESCRIBE_STRUCT) is filled by its members' names; anything that has a Codec by the only column.
#pragma once

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <string_view>
#include <vector>

#include "db/codec.hpp"
#include "db/statement.hpp"

namespace lodestone::db {

template <class Struct>
using Members =
    boost::describe::describe_members<Struct, boost::describe::mod_public | boost::describe::mod_inherited>;

template <class T>
std::vector<ColumnType> columns_of() {
    std::vector<ColumnType> columns;
    if constexpr (boost::describe::has_describe_members<T>::value) {
        boost::mp11::mp_for_each<Members<T>>([&columns](auto member) {
            using Field = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
            columns.push_back({member.name, Codec<Field>::kind, is_optional<Field>});
        });
    } else {
        columns.push_back({{}, Codec<T>::kind, is_optional<T>});
    }
    return columns;
}

// `places`: for each member, in which column of the answer it stands.
template <class T>
T decode_row(const Row& row, const std::vector<int>& places) {
    if constexpr (boost::describe::has_describe_members<T>::value) {
        T decoded{};
        std::size_t at = 0;
        boost::mp11::mp_for_each<Members<T>>([&](auto member) {
            using Field = std::remove_cvref_t<decltype(decoded.*member.pointer)>;
            decoded.*member.pointer = Codec<Field>::from_row(row, places[at++]);
        });
        return decoded;
    } else {
        return Codec<T>::from_row(row, 0);
    }
}

template <class RowType, class... Parameters>
class Query : public Statement {
  public:
    Query(std::string_view name, Sql sql)
        : Statement(name, sql, {Codec<Parameters>::kind...}, columns_of<RowType>()) {}
};

// A statement without rows: how many it touched is the answer.
template <class... Parameters>
class Command : public Statement {
  public:
    Command(std::string_view name, Sql sql) : Statement(name, sql, {Codec<Parameters>::kind...}, {}) {}
};

}  // namespace lodestone::db
